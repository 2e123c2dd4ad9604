"""What a description leaves open, worked out from what is on this machine when a run or a study is planned.

What it comes to is what is recorded and hashed: a run of `score.extractor=auto` is the run of the extractor that this
came to.
"""

from __future__ import annotations

from functools import lru_cache

import torch

from dcgan import data
from dcgan.common.errors import DcganError
from dcgan.common.messages import message, note
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data, Score
from dcgan.runs.directory import RunDirectory


def settled(experiment: Experiment) -> Experiment:
    """The experiment with a folder's fingerprint, and with the extractor that `score.extractor=auto` comes to.

    Says what that is. Raises as `dcgan.data.resolve`, `dcgan.data.load` and
    `dcgan.scoring.automatic_extractor.choose`.
    """
    experiment = experiment.with_data(data.resolve(experiment.data))
    if experiment.score.extractor != "auto":
        return experiment
    return _with_extractor(experiment, settled_score(experiment.score, experiment.data).extractor)


def settled_run(experiment: Experiment) -> Experiment:
    """As `settled`, of a run alone: one that was begun goes on with the extractor that it was begun with."""
    if experiment.score.extractor == "auto":
        for begun in readings(experiment.with_data(data.resolve(experiment.data))):
            record = RunDirectory.of(begun).record()
            if record is not None and not record.is_over:
                message(f"score.extractor=auto: {begun.score.extractor}, as the run was begun with")
                return begun
    return settled(experiment)


def readings(experiment: Experiment) -> list[Experiment]:
    """What the experiment may come to, by its extractor: itself alone, but for `score.extractor=auto`."""
    if experiment.score.extractor != "auto":
        return [experiment]
    return [_with_extractor(experiment, kind) for kind in ("classifier", "inception")]


def check_without_download(experiment: Experiment) -> None:
    """Refuses (DcganError) to settle an experiment, for a dry run, where that would download the images."""
    if experiment.score.extractor == "auto" and not data.is_here(experiment.data):
        raise DcganError(
            "score.extractor=auto is worked out from the images, which are not here, and a dry run downloads nothing: "
            "name it, as in score.extractor=classifier"
        )


def settled_score(score: Score, images: Data) -> Score:
    """That way of scoring images of a data set, with the extractor that `auto` comes to for them."""
    if score.extractor != "auto":
        return score
    from dcgan.scoring.extractors import is_here  # late: torch-fidelity takes seconds to import

    dataset = loaded(images, torch.device("cpu"))
    return score.model_copy(update={"extractor": _chosen(images, is_here("inception", dataset))})


@lru_cache(maxsize=8)
def _chosen(images: Data, inception: bool) -> str:
    """Told once: a command plans several times."""
    from dcgan.scoring.automatic_extractor import choose

    chosen = choose(loaded(images, torch.device("cpu")))
    (note if chosen.doubtful else message)(f"score.extractor=auto: {chosen.kind}, {chosen.why}")
    return chosen.kind


def _with_extractor(experiment: Experiment, kind: str) -> Experiment:
    return experiment.with_({"score.extractor": kind})


@lru_cache(maxsize=1)
def loaded(chosen: Data, device: torch.device) -> data.Dataset:
    """A data set on a device, kept from trial to trial: the arms of a study share their data."""
    return data.load(chosen).to(device)
