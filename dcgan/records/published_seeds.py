"""The seeds that a published study was planned with, and how they were changed: report.json of its table's report.

The table alone does not tell a study of ten seeds that was cut short after seven from one of seven.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dcgan.common.errors import DcganError
from dcgan.common.files import read_json
from dcgan.common.json_text import UNEXPECTED
from dcgan.records.plain_values import is_count
from dcgan.records.seed_changes import SeedChange


@dataclass(frozen=True)
class PublishedSeeds:
    """What `where`, a report.json, says: the seeds planned at last, and every change of them after a look."""

    where: str
    planned: tuple[int, ...]
    changes: tuple[SeedChange, ...] = ()


def beside(table: Path, arms: Collection[str]) -> PublishedSeeds | None:
    """Those of the report that has the table as its tables/runs.csv; None where there is none, one without a plan, or
    one of other arms: seeds are planned for all arms of a study.

    Raises DcganError, naming the file, for one that is damaged.
    """
    table = table.absolute()
    path = table.parent.parent / "report.json"
    if table.parent.name != "tables" or not path.is_file():
        return None
    try:
        content = read_json(path)
    except DcganError:
        raise DcganError(
            f"{path} cannot be read: without it, the seeds of the table beside it count as planned"
        ) from None
    planned = content.get("planned_seeds")
    if planned is None:
        return None
    try:
        changes = tuple(SeedChange.from_json(change) for change in content["seed_changes"])
        there = {arm["arm"] for arm in content["arms"]}
    except UNEXPECTED as error:
        raise DcganError(f"{path} is damaged (seed_changes or arms: {error})") from None
    if (
        not isinstance(planned, list)
        or not planned
        or not all(map(is_count, planned))
        or len({*planned}) < len(planned)
    ):
        raise DcganError(f"{path} is damaged (planned_seeds is not a list of different seeds)")
    if there != {*arms}:
        return None
    return PublishedSeeds(str(path), tuple(planned), changes)
