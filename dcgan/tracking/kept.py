"""A run that is over and not trained again, shown in W&B: in the run that an agent handed out, or in its own."""

from __future__ import annotations

from dcgan.common.agent_words import under_agent
from dcgan.experiment import Experiment
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import RunHeader
from dcgan.tracking.mirror import Mirror, wait_until_shown
from dcgan.tracking.wandb_run import WandbOpening
from dcgan.training.events import Ended, Sampled, Started

_SECONDS = 60.0  # that W&B may take for all of it


def send_kept(header: RunHeader, experiment: Experiment, directory: RunDirectory, record: RunRecord) -> None:
    """Sends what W&B lacks of the rows, the last grid and the record of that run's directory, if runs are sent at all.

    As every mirror it gives up with a note where W&B does not answer.
    """
    if wandb_settings.check() != "online" and not under_agent():
        return  # offline each time would leave one more folder
    mirror = Mirror(WandbOpening(header, f"the run itself is kept: {directory.path}"))
    mirror(Started(experiment, directory.path, record.images, experiment.budget.images))
    if (grid := directory.samples / "final.png").exists():
        mirror(Sampled(record.images, grid))
    mirror(Ended(record))
    wait_until_shown(_SECONDS)
