"""What W&B is told of a run when it begins: its name, its group, and its settings as its users filter by them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dcgan
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.study.plan import Plan, Trial
from dcgan.tips.catalogue import TIPS

LONGEST_TAG = 64  # letters that W&B takes; a run with a longer tag is refused
LONGEST_NAME = 128  # of a group, a run, a project


@dataclass(frozen=True)
class RunHeader:
    """A run as it is entered: `id` is the run's own; `project` is the usual one, which W&B's own settings go before."""

    id: str
    project: str
    name: str
    group: str | None
    tags: tuple[str, ...]
    config: Mapping[str, Any]
    job_type: str = "train"


def of_trial(plan: Plan, trial: Trial) -> RunHeader:
    """The run of a study's trial: in the study's project, in a group with the other seeds of its arm."""
    factors = {f"factor/{factor}": level for factor, level in plan.levels(trial.arm).items()}
    place = {
        "study": plan.study,
        "design": plan.design.name,
        "arm": trial.arm,
        "block": plan.seeds.index(trial.seed),
        "baseline": trial.arm == plan.baseline,
    }
    return RunHeader(
        id=trial.run,
        project=project_name(plan.study),
        name=fitting(f"{trial.arm}-s{trial.seed}", LONGEST_NAME),
        group=fitting(f"{plan.study}/{trial.arm}", LONGEST_NAME),
        tags=_tags(plan.study, plan.design.name),
        config={**_settings(trial.experiment), **place, **factors, "id": trial.run},
    )


def alone(experiment: Experiment) -> RunHeader:
    """A run that belongs to no study, in the project of the experiment that it is of."""
    return RunHeader(
        id=experiment.id,
        project=project_name(experiment.name),
        name=fitting(f"{experiment.name}-s{experiment.seed}", LONGEST_NAME),
        group=None,
        tags=_tags(experiment.name),
        config={**_settings(experiment), "id": experiment.id},
    )


def _settings(experiment: Experiment) -> dict[str, Any]:
    """The experiment by dotted keys, as sweeps name them, and whether each tip of the catalogue is followed: is at its
    level `on`. Without who watches, and without folders of this machine."""
    flat = flatten(experiment.model_dump(mode="json", exclude={"tracking": True, "data": {"folder"}}))
    return {**flat, **{f"tip/{name}": tip.level_of(experiment) == "on" for name, tip in TIPS.items()}}


def _tags(*names: str) -> tuple[str, ...]:
    return tuple(fitting(name, LONGEST_TAG) for name in (*names, f"dcgan-{dcgan.__version__}"))


def project_name(name: str) -> str:
    """A name as W&B takes it for a project, which stands in addresses: without `/ \\ # ? % :`."""
    return fitting("".join("-" if letter in "/\\#?%:" else letter for letter in name), LONGEST_NAME)


def fitting(text: str, most: int) -> str:
    """The text, or so much of it as W&B takes, with a digest of all of it that keeps it apart from others: an arm of a
    factorial is called after every factor that it changes."""
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: most - 9]}~{digest}"
