"""What a study compared, from its plan and its runs: the data, what was trained, and how its arms are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from dcgan.common.overrides import flatten
from dcgan.records.plan_file import PlanRecord

# What says nothing of how an arm was trained, or differs from run to run.
_OWN = ("name", "seed", "tracking.", "compute.")

Settings = Mapping[str, Any]  # dotted key -> value


@dataclass(frozen=True)
class StudySetup:
    """What arms have in common, and what each of them changes.

    `baseline`: the settings of the baseline's runs, as they were trained, or as far as the plan has them; `changes`: of
    each arm those that differ from it, as (key, value). `images`: how many images each split has, as far as scores were
    taken against it; `classes`: how many of the real images that were scored are of each class.
    """

    experiment: str
    start: str
    held: Mapping[str, Any]
    baseline: Settings
    changes: Mapping[str, Sequence[tuple[str, Any]]]
    images: Mapping[str, int]
    classes: Sequence[int]

    @property
    def data(self) -> str:
        """The data set, or the last part of a folder's path: where it lies is nobody's business."""
        folder = self.baseline.get("data.folder")
        return PurePath(str(folder)).name if folder else str(self.baseline.get("data.name", ""))


def read_setup(
    plan: PlanRecord, settings: Mapping[str, Settings], images: Mapping[str, int], classes: Sequence[int]
) -> StudySetup:
    """The setup of a planned study; `settings` are those that each arm was trained with, as far as runs are there."""
    baseline = settings.get(plan.baseline or "", {})
    return StudySetup(
        experiment=plan.experiment or "",
        start=plan.start or "",
        held=plan.held,
        baseline=baseline or flatten(dict(plan.content or {})),
        changes={
            arm: [(key, value) for key, value in own.items() if _tells(key) and baseline.get(key) != value]
            for arm, own in settings.items()
            if baseline
        },
        images=images,
        classes=classes,
    )


def _tells(key: str) -> bool:
    return not any(key.startswith(own) if own.endswith(".") else key == own for own in _OWN)
