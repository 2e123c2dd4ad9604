"""Runs that differ from an experiment in nothing but their length: a longer one starts over, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.inventory import KeptRun, read_all, tells

_DEFAULTS = flatten(Experiment().model_dump(mode="json"))


def starts_over(directory: RunDirectory, experiment: Experiment) -> str | None:
    """The line for a run that is to begin in `directory` although the same was trained to another length; None where
    there is none."""
    others = of_other_lengths(directory, experiment)
    if not others:
        return None
    known = max(others, key=lambda run: (run.state == "finished", _images(run.settings)))
    return (
        f"run {known.id}, the same with {_images(known.settings):,} images, is {known.state}; with "
        f"{experiment.budget.images:,} images this is another run, from the beginning: {_why(experiment)}"
    )


def of_other_lengths(directory: RunDirectory, experiment: Experiment) -> list[KeptRun]:
    """The runs beside `directory` that are as the experiment but for the budget and how often they are scored."""
    own = _but_for_length(flatten(experiment.model_dump(mode="json")))
    beside = (run for run in read_all(directory.path.parent) if run.seed == experiment.seed and run.settings)
    return [run for run in beside if run.id != directory.path.name and _but_for_length(run.settings) == own]


def _but_for_length(settings: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**_DEFAULTS, **settings}  # an earlier version's description lacks what came later
    return {key: whole[key] for key in _DEFAULTS if tells(key) and not key.startswith(("budget.", "score."))}


def _images(settings: Mapping[str, Any]) -> int:
    return int(settings["budget.epochs"]) * int(settings["budget.images_per_epoch"])


def _why(experiment: Experiment) -> str:
    """What depends on the whole length; else the rule that holds although nothing does."""
    if experiment.schedule.kind in {"linear", "cosine"}:
        return f"schedule.kind={experiment.schedule.kind} takes the learning rates to 0 over the whole length"
    if experiment.augment.instance_noise:
        return "augment.instance_noise falls to 0 over the whole length"
    return "a run's id and scores hold for one length (nothing else here depends on it)"
