"""Rows of text as a table of trials with types: arm, seed, how the run ended, its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.records.table_columns import Columns
from dcgan.records.table_file import TableRow, number, to_whole

STATUSES = ("finished", "failed", "diverged", "pruned", "running", "planned", "skipped")
_FORMER_STATUSES = {"spared": "skipped"}  # what tables of earlier versions say
_INFINITE = ("inf", "infinity")


def typed(
    rows: Sequence[TableRow], metrics: Sequence[str], factors: Sequence[str], columns: Columns | None = None
) -> pd.DataFrame:
    """The table of `Results` from rows of text, by those `columns`. Raises Misuse naming the line that does not fit.

    Where there are no seeds, the rows are numbered through: no two arms then have one in common.
    """
    columns = columns or Columns()
    names = {"seconds": columns.seconds, **{name: name for name in metrics}}
    table: dict[str, list[Any]] = {name: [] for name in ("arm", "seed", "status", *factors, *names)}
    seen: dict[tuple[str, int], str] = {}
    for index, (where, cells) in enumerate(rows):
        arm = cells[columns.arm]
        seed = index if columns.seed is None else _seed(where, columns.seed, cells[columns.seed])
        if not arm or not arm.isprintable():
            raise Misuse(f"{where}: {columns.arm}={arm!r}: expected a name in printable characters")
        if (arm, seed) in seen:
            raise Misuse(f"{where}: arm '{arm}' with seed {seed} is there twice (also {seen[arm, seed]})")
        seen[arm, seed] = where
        status = columns.status_of(cells)
        status = _FORMER_STATUSES.get(status, status)
        if status not in STATUSES:
            raise Misuse(f"{where}: unknown status '{status}'" + did_you_mean(status, STATUSES))
        row = {"arm": arm, "seed": seed, "status": status, **{name: cells[name] for name in factors}}
        for name, column in names.items():
            row[name] = _number(where, column, cells.get(column, ""), scored=status == "finished")
        for name, value in row.items():
            table[name].append(value)
    return pd.DataFrame({name: _column(values) for name, values in table.items()})


def _number(where: str, column: str, text: str, *, scored: bool) -> float | int:
    """A cell: whole numbers stay whole. Of a run that did not finish, infinity is no number: it has none."""
    if text.lower().lstrip("+-") in _INFINITE and not scored:
        return math.nan
    whole = to_whole(text) if text.lstrip("+-").isdecimal() else None
    return number(where, column, text) if whole is None else whole


def _column(values: list[Any]) -> pd.Series[Any]:
    """Whole numbers beside blanks are kept as they are: pandas would round the large ones."""
    kinds = {type(value) for value in values}
    whole = kinds == {int, float} and all(math.isnan(value) for value in values if isinstance(value, float))
    return pd.Series(values, dtype=object if whole else None)


def _seed(where: str, column: str, text: str) -> int:
    value = to_whole(text)
    if value is None:
        raise Misuse(f"{where}: {column}='{text}' is not a whole number")
    return value
