"""What a study compared, from its plan and its runs: the data, what was trained, and how its arms are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from dcgan.common.errors import DcganError, Misuse
from dcgan.experiment import Experiment, parse
from dcgan.records.plan_file import PlanRecord


@dataclass(frozen=True)
class StudySetup:
    """What all arms have in common. `content`: the experiment that they start from, None where it cannot be read.

    `images`: how many images each split has, as far as scores were taken against it; `classes`: the share of each class
    among the real images that were scored, as it was measured.
    """

    experiment: str
    start: str
    held: Mapping[str, Any]
    content: Experiment | None
    data: str
    images: Mapping[str, int]
    classes: Sequence[float]


def read_setup(plan: PlanRecord, images: Mapping[str, int], classes: Sequence[float]) -> StudySetup:
    """The setup of a planned study."""
    content = _experiment(plan)
    folder = content.data.folder if content else None
    return StudySetup(
        experiment=plan.experiment or "",
        start=plan.start or "",
        held=plan.held,
        content=content,
        # The last part only: where a folder lies is nobody's business.
        data=PurePath(str(folder)).name if folder else (content.data.name if content else ""),
        images=images,
        classes=classes,
    )


def _experiment(plan: PlanRecord) -> Experiment | None:
    if not plan.content:
        return None
    try:
        return parse(dict(plan.content), "plan.json")
    except (Misuse, DcganError):
        return None  # of a version whose experiments are others: the report is of its runs all the same
