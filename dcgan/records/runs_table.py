"""A study's runs in one table, `tables/runs.csv` of its report: enough to make that report again, and to go on.

A column is a key of run.json, a dotted one where it lies in another; a cell is text, or JSON where it is a number, a
list, or a text that would be taken for one. `along` has the rows of scores.csv, `grid` where the picture is, as seen
from the table. What is empty is not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.json_text import parse_json
from dcgan.common.overrides import nest
from dcgan.records.run_record import RunRecord
from dcgan.records.table_file import TableRow, read_rows

ALONG, GRID = "along", "grid"
_FIRST = ("arm", "seed", "run", "status")
_NAMES = {"run": "id"}  # what a column is called in run.json, where it is called otherwise
_APART = ("arm", ALONG, GRID)  # columns that are no part of run.json

Row = dict[str, str]


@dataclass(frozen=True)
class TableRun:
    """A run as the table in `where` has it. `along`: the rows of its scores.csv; `grid`: a path, or ''."""

    where: str
    arm: str
    record: RunRecord
    along: tuple[Mapping[str, str], ...] = ()
    grid: str = ""


def row_of(arm: str, record: RunRecord, along: Sequence[Mapping[str, str]] = ()) -> Row:
    """A run as a row of the table, without its picture."""
    content = {key: value for key, value in record.to_json().items() if value is not None}
    cells = {_column(key): _text(value) for key, value in _leaves(content).items()}
    first = {"arm": arm, **{name: cells.pop(name) for name in _FIRST if name in cells}}
    return first | cells | ({ALONG: _text(_with_header(along))} if along else {})


def _leaves(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Values by dotted keys. A mapping that dots would not tell apart, an empty one or one with dotted keys, is one."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping) and value and not any("." in inner for inner in value):
            found |= _leaves(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def columns(rows: Sequence[Row]) -> list[str]:
    """The header that such rows need: every column that one of them has."""
    there = dict.fromkeys(name for row in rows for name in row)
    return [name for name in there if name not in (ALONG, GRID)] + [name for name in (ALONG, GRID) if name in there]


def read(path: Path) -> list[TableRun]:
    """The runs in a table, each of them checked as a run.json is. Raises Misuse or DcganError, naming the line, for
    what is no such table."""
    rows = read_rows(path)
    if fault := _fault(rows):
        raise Misuse(f"{path} {fault}: expected the table of a study's runs, which its report has as tables/runs.csv")
    return [_run(row.where, {name: cell for name, cell in row.cells.items() if cell}) for row in rows]


def _fault(rows: Sequence[TableRow]) -> str | None:
    """What keeps these rows from being a table of runs; None where they are one."""
    if not rows:
        return "has no rows"
    names = list(rows[0].cells)
    if len(names) == 1 and ";" in names[0]:
        return "is separated by semicolons, as a spreadsheet saves it, which may change numbers, too"
    missing = [name for name in (*_FIRST, "protocol.extractor") if name not in names]
    return f"has no column '{missing[0]}'" if missing else None


def _run(where: str, cells: Mapping[str, str]) -> TableRun:
    try:
        flat = {_NAMES.get(name, name): _value(cell) for name, cell in cells.items() if name not in _APART}
        content = nest(flat)
        table = parse_json(cells.get(ALONG, "[]"))
    except (Misuse, ValueError) as error:
        raise DcganError(f"{where}: {error}") from None
    names, *rows = table or [[]]
    if not _are_texts(table) or (table and not _are_scores(names, rows)):
        raise DcganError(f"{where}: {ALONG} is not a table of scores")
    if not cells.get("arm"):
        raise DcganError(f"{where}: no arm")
    record = RunRecord.from_json(content, where, "expected a row as the report wrote it")
    if record.status == "running":
        raise DcganError(f"{where}: a run that is running, which no report has in its table")
    return TableRun(
        where, cells["arm"], record, tuple(dict(zip(names, row, strict=True)) for row in rows), cells.get(GRID, "")
    )


def _column(key: str) -> str:
    return next((column for column, name in _NAMES.items() if name == key), key)


def _text(value: Any) -> str:
    """A value as a cell: a text as it is, unless it would be read as something else."""
    if isinstance(value, str) and value and value == value.strip() and _value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(cell: str) -> Any:
    """What stands in a cell: the reverse of `_text`."""
    try:
        return parse_json(cell)
    except ValueError:
        return cell


def _with_header(rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
    names = list(rows[0])
    return [names, *([row.get(name) or "" for name in names] for row in rows)]


def _are_scores(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether they are rows of a scores.csv: each of so many images, and of as many cells as there are names."""
    if len({*names}) < len(names) or not {"images", "split"} <= {*names} or any(len(row) != len(names) for row in rows):
        return False
    texts = (cell for row in rows for name, cell in zip(names, row, strict=True) if name == "images")
    return all(text.isascii() and text.isdigit() for text in texts)


def _are_texts(table: Any) -> bool:
    return isinstance(table, list) and all(
        isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in table
    )
