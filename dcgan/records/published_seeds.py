"""The seeds that a published study was planned with, and how they were changed: report.json of its table's report.

The table alone does not tell a study of ten seeds that was cut short after seven from one of seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dcgan.common.errors import DcganError
from dcgan.common.files import read_json
from dcgan.common.json_text import UNEXPECTED
from dcgan.records.seed_changes import SeedChange


@dataclass(frozen=True)
class PublishedSeeds:
    """What `where`, a report.json, says: the seeds planned at last, and every change of them after a look."""

    where: str
    planned: tuple[int, ...]
    changes: tuple[SeedChange, ...] = ()


def beside(table: Path) -> PublishedSeeds | None:
    """Those of the report that has the table as its tables/runs.csv; None where there is none, or one without a plan.

    Raises DcganError, naming the file, for one that is damaged.
    """
    path = table.parent.parent / "report.json"
    if table.parent.name != "tables" or not path.is_file():
        return None
    content = read_json(path)
    planned = content.get("planned_seeds")
    if planned is None:
        return None
    try:
        changes = tuple(SeedChange.from_json(change) for change in content["seed_changes"])
    except UNEXPECTED as error:
        raise DcganError(f"{path} is damaged (seed_changes: {error})") from None
    if not isinstance(planned, list) or not planned or not all(type(seed) is int for seed in planned):
        raise DcganError(f"{path} is damaged (planned_seeds is not a list of whole numbers)")
    return PublishedSeeds(str(path), tuple(planned), changes)
