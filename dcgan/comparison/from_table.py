"""Any table of runs as the report's input: which columns are metrics and which factors, and how it was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.formatting import printable, shell_word
from dcgan.common.metrics import stands_beside
from dcgan.comparison.results import PROTOCOL, Results, check_is_no_diagnostic, known_goal
from dcgan.records.table_columns import WANDB, Columns, find_columns, told
from dcgan.records.table_file import BLANK, TableRow, read_table, to_float
from dcgan.records.trial_rows import typed
from dcgan.tips import TIPS


def from_csv(
    path: Path,
    *,
    metric: str | None = None,
    arm_column: str | None = None,
    seed_column: str | None = None,
    decimal: str | None = None,
) -> Results:
    """The results in a table: `arm, seed`, metrics, and optionally `status, seconds`, factors; or W&B's export.

    A column that is constant within every arm is a factor; other numeric columns, the known scores and
    `metric` are metrics, and neither is what stands beside a score (`fid_floor`, `kid_seconds`). Without a column of
    seeds, or with `seed_column` "none", runs are not paired. Raises Misuse or DcganError with one line that names the
    row or column.
    """
    text = read_table(path, decimal, {arm_column or "arm", *WANDB})
    rows = text.rows
    if not rows:
        raise DcganError(f"{path} has no rows: nothing to report on")
    columns = find_columns(path, text, arm=arm_column, seed=seed_column)
    if metric is not None and metric not in text.columns:
        raise Misuse(f"{path} has no column '{metric}'" + did_you_mean(metric, text.columns))
    apart = columns.named | {"study", "run", *PROTOCOL}
    named = [column for column in text.columns if column not in apart or column == metric]
    if metric is not None:
        check_is_no_diagnostic(metric, path, named)
    beside = [column for column in named if column != metric and stands_beside(column)]
    others = [column for column in named if column not in beside]
    factors = tuple(column for column in others if column != metric and _is_factor(column, rows, columns))
    metrics = tuple(
        column
        for column in others
        if column == metric or known_goal(column) or (column not in factors and _is_numeric(column, rows, columns))
    )
    if not metrics:
        wanted = did_you_mean("fid", others)
        raise Misuse(f"{path} has no column with a metric, for example 'fid'{wanted}; --metric NAME names another")
    numbers = (*metrics, *(column for column in beside if _is_numeric(column, rows, columns)))
    table = typed(rows, numbers, factors, columns)
    note = told(path, text, columns)
    asked = {"arm-column": arm_column, "seed-column": seed_column, "decimal": decimal}
    options = [f"--{name} {shell_word(value)}" for name, value in asked.items() if value is not None]
    return Results(
        title=_title(path),
        table=table,
        metrics=metrics,
        factors=factors,
        arms=tuple(dict.fromkeys(table["arm"])),
        levels=_levels(table, factors),
        protocol=_protocol(rows, columns),
        commands=(" ".join(["dcgan report", shell_word(path.name), *options]),),
        place=f"the folder that holds {printable(path.name)}",
        notes=(note,) if note else (),
    )


def _levels(table: pd.DataFrame, factors: Sequence[str]) -> dict[str, dict[str, str]]:
    """Of each arm the levels of its tips, where tips are all that arms differ in: the report then speaks of them."""
    tips = [factor for factor in factors if factor in TIPS]
    if not tips or any(table[factor].nunique() > 1 for factor in factors if factor not in TIPS):
        return {}
    return {str(arm): {tip: str(rows[tip].iloc[0]) for tip in tips} for arm, rows in table.groupby("arm")}


def _title(path: Path) -> str:
    """The file's name as a title, and as that of the report's folder: no hidden one, none above it.

    Of another report's table, `demo/tables/trials.csv`, with that report's: all of these are called alike.
    """
    report = path.resolve().parent.parent
    name = f"{report.name}-{path.stem}" if report.name and (report / "report.json").is_file() else path.stem
    return printable(name).strip(". ") or "table"


def _is_factor(column: str, rows: Sequence[TableRow], columns: Columns) -> bool:
    """Whether an unknown column says the same of all runs of an arm."""
    if known_goal(column):
        return False
    levels: dict[str, str] = {}
    return all(levels.setdefault(row.cells[columns.arm], row.cells[column]) == row.cells[column] for row in rows)


def _is_numeric(column: str, rows: Sequence[TableRow], columns: Columns) -> bool:
    """Whether a column is all numbers, finite ones where a run finished."""
    cells = [(row.cells[column], columns.status_of(row.cells)) for row in rows]
    filled = [(to_float(cell), status) for cell, status in cells if cell.lower() not in BLANK]
    return bool(filled) and all(
        value is not None and (math.isfinite(value) or status != "finished") for value, status in filled
    )


def _protocol(rows: Sequence[TableRow], columns: Columns) -> dict[str, str]:
    """What the table says on how scores were taken. Raises DcganError if it differs between finished runs."""
    finished = [row for row in rows if columns.status_of(row.cells) == "finished"]
    protocol: dict[str, str] = {}
    for column in PROTOCOL:
        for row in finished:
            value = row.cells.get(column, "")
            if protocol.setdefault(column, value) != value:
                raise DcganError(
                    f"{row.where}: {column} is '{value}', but '{protocol[column]}' before: scores that were taken "
                    "differently cannot be compared"
                )
    return {column: value for column, value in protocol.items() if value}
