"""`dcgan sweep SWEEP --from TABLE`: the rows of a table that are trials of the sweep count as done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.common.errors import Misuse

if TYPE_CHECKING:
    from dcgan.study.taken_runs import TakenRuns
    from dcgan.sweeps.sweep import Sweep


def runs_to_take(table: str | None, sweep: Sweep) -> TakenRuns | None:
    """The sweep's trials that are in that table, said in a line; None without a table. Writes nothing.

    Raises Misuse for a sweep with stages before its own study, whose trials are not known yet.
    """
    if table is None:
        return None
    if sweep.design.grows or sweep.tune is not None:
        stage = "a search" if sweep.design.grows else "a tuning"
        raise Misuse(f"--from {table}: {stage} makes its trials as it goes: a table is for arms that are known before")
    from dcgan.common.messages import message
    from dcgan.study import plan
    from dcgan.study.taken_runs import in_table

    path = Path(table)
    inside = path / "tables" / "runs.csv"  # of a report's folder
    found = in_table(plan.make(sweep), inside if inside.is_file() else path)
    message(found.line())
    return found
