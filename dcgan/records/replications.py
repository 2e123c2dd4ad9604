"""The replications of a study: studies of their own, `NAME-more-1`, `NAME-more-2`, ..., found by their plans."""

from __future__ import annotations

from pathlib import Path

from dcgan.records import plan_file
from dcgan.records.plan_file import PlanRecord

_SUFFIX = "-more-"


def replication_name(study: str, number: int) -> str:
    """What the replication of that number is called; they count from 1."""
    return f"{study}{_SUFFIX}{number}"


def number_of(replication: str) -> int:
    """Which replication of its study one of that name is. Raises ValueError for another name."""
    return int(replication.rpartition(_SUFFIX)[2])


def replications_of(folder: Path) -> list[PlanRecord]:
    """The plans of the replications of the study in that folder, beside which theirs are, the first one first.

    A study of such a name that replicates nothing is none. Raises DcganError for a damaged plan.
    """
    prefix = f"{folder.name}{_SUFFIX}"
    numbered = {
        int(path.parent.name.removeprefix(prefix)): path.parent
        for path in folder.parent.glob(f"{prefix}*/{plan_file.NAME}")
        if path.parent.name.removeprefix(prefix).isdecimal()
    }
    records = (plan_file.read(numbered[number]) for number in sorted(numbered))
    return [record for record in records if record.replicates == folder.name]
