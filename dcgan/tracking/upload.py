"""Upload: what W&B lacks of a study, from the run directories alone, each run once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import locked
from dcgan.common.tracked_items import tracked
from dcgan.records.run_record import RunRecord
from dcgan.study import trials_table
from dcgan.study.plan import Plan, Trial
from dcgan.tracking.asking_wandb import Place, asked, is_not_there, place_of, told
from dcgan.tracking.header import RunHeader, fitting, of_trial, project_name
from dcgan.tracking.mirror import BEING_SHOWN
from dcgan.tracking.tracker import replay
from dcgan.tracking.wandb_artifacts import contents, log_study
from dcgan.tracking.wandb_project import LoggedRun, listed
from dcgan.tracking.wandb_run import fingerprint, open_run

_RUN_SECONDS = 300.0  # that W&B may take for a whole run with its generator and its grids


@dataclass
class Uploaded:
    """What became of the trials: sent now, there before, being trained, not on this machine."""

    sent: list[Trial] = field(default_factory=list)
    there: list[Trial] = field(default_factory=list)
    training: list[Trial] = field(default_factory=list)
    absent: list[Trial] = field(default_factory=list)

    def line(self) -> str:
        """In a sentence."""
        counts = {
            "sent": self.sent,
            "there already": self.there,
            "being trained or sent": self.training,
            "not on this machine": self.absent,
        }
        return ", ".join(f"{len(trials)} {name}" for name, trials in counts.items() if trials) or "no runs yet"


def upload(plan: Plan) -> Uploaded:
    """Sends every run of a study that W&B has not got as it stands here, then the study's table and report.

    Raises Misuse where W&B is turned off, and DcganError if it does not answer: what was sent until then is there, and
    the next call goes on.
    """
    place = place_of(plan)
    with locked(plan.directory / ".upload.lock", wait=False) as free:
        if not free:
            raise DcganError(f"study '{plan.study}': another process is sending its runs to W&B; try again later")
        return _upload(plan, place)


def _upload(plan: Plan, place: Place) -> Uploaded:
    known = runs_there(place)
    done = Uploaded()
    waiting = []
    for trial in plan.trials:
        record = trial.directory.record()
        if record is None:
            done.absent.append(trial)
        elif any(_is_whole(there, record) for there in _of_study(plan, trial, known)):
            done.there.append(trial)
        else:
            waiting.append(trial)
    for trial in tracked(waiting, len(waiting), f"sending runs to {place}"):
        with locked(trial.directory.path / BEING_SHOWN, wait=False) as free:
            if not free or trial.directory.is_held():
                done.training.append(trial)
            else:
                _send(plan, trial, _id_there(plan, trial, known))
                done.sent.append(trial)
    if done.sent or done.there:
        _send_study(plan, known, [*done.sent, *done.there])
    return done


def _of_study(plan: Plan, trial: Trial, known: Mapping[str, list[LoggedRun]]) -> list[LoggedRun]:
    return [there for there in known.get(trial.run, []) if there.config.get("study") == plan.study]


def _id_there(plan: Plan, trial: Trial, known: Mapping[str, list[LoggedRun]]) -> str | None:
    """The id of the run that W&B has of it; None for the run's own id, where that is free.

    In a project of several studies a run that they share is there once for each, with its place in that study.
    """
    if mine := _of_study(plan, trial, known):
        return mine[0].id
    return fitting(f"{trial.run}-{project_name(plan.study)}", 64) if known.get(trial.run) else None


def runs_there(place: Place) -> Mapping[str, list[LoggedRun]]:
    """The runs of a project by our own ids; none if it does not exist yet. Raises DcganError if W&B does not say."""
    try:
        runs = listed(str(place))
    except Exception as error:  # W&B raises what its parts happen to raise
        if is_not_there(error):
            return {}
        raise told(error, f"nothing was sent to {place}") from error
    found: dict[str, list[LoggedRun]] = {}
    for run in runs:
        if own := run.config.get("id"):
            found.setdefault(own, []).append(run)
    return found


def _is_whole(there: LoggedRun, record: RunRecord) -> bool:
    sent = there.summary
    return sent.get("record") == fingerprint(record) and (bool(sent.get("artifacts")) or record.status == "running")


def _send(plan: Plan, trial: Trial, run_id: str | None) -> None:
    """Goes on with the run that W&B has of it under that id, or begins one."""

    def send() -> None:
        replay(trial.directory, open_run(of_trial(plan, trial), "online", run_id=run_id))

    asked(send, f"run {trial.run} was not sent; the same command goes on from there", _RUN_SECONDS)


def _send_study(plan: Plan, known: Mapping[str, list[LoggedRun]], trials: Iterable[Trial]) -> None:
    """The table, made of the runs' records, and the report if there is one; in a run of the study's own."""
    trials_table.write(plan)
    table, report = plan.directory / "trials.csv", paths.reports() / plan.study
    written = report if (report / "index.html").is_file() else None
    state = contents(table, written)
    run_id = fitting(f"study-{project_name(plan.study)}", 64)
    header = RunHeader(
        id=run_id,
        project=project_name(plan.study),
        name=fitting(f"study {plan.study}", 128),
        group=None,
        tags=(fitting(plan.study, 64), "study"),
        config={"id": run_id, "study": plan.study, "design": str(plan.design), "baseline": plan.baseline},
        job_type="report",
    )
    if any(there.summary.get("record") == state for there in known.get(header.id, [])):
        return
    runs = [trial.run for trial in trials if (record := trial.directory.record()) and record.status != "running"]

    def send() -> None:
        run = open_run(header, "online").run
        with tempfile.TemporaryDirectory() as copies:
            log_study(run, plan, written, runs, Path(copies))
            run.summary.update({"record": state})
            run.finish()

    asked(send, f"the table and report of study {plan.study} were not sent", _RUN_SECONDS)
