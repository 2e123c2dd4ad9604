"""A table as a text file: what separates its columns, how its numbers are written, and its rows."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dcgan.common import regular_files
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import cannot

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MARKS = {".": "point", ",": "comma"}
BLANK = {"", "nan", "na", "n/a", "null", "none", "-"}
_FORMULA = frozenset("=+-@\t\r")  # what begins one in Excel, LibreOffice or Google's
LARGEST_SEED = 2**64  # what generators of random numbers are seeded with at most

_MOST_BYTES = 64 * 2**20
_MOST_LINES, _MOST_CELLS = 200_000, 5_000_000  # of one table: some hundreds of megabytes of memory
_FRACTION = {mark: re.compile(rf"[+-]?\d*\{mark}\d+([eE][+-]?\d+)?") for mark in MARKS}
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1,234 may be a bit more than one, or a thousand and some


class TableRow(NamedTuple):
    """A row as text and where it stands, for messages."""

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class TextTable:
    """The rows of a table, all of them with its `columns`; numbers in them have a decimal point, whatever `decimal`
    they had in the file."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    separator: str = ","
    decimal: str = "."


def read_rows(path: Path) -> list[TableRow]:
    """The rows of one of our own tables: commas, decimal points. Raises DcganError for anything else."""
    return list(_table(path, _read(path), ",").rows)


def read_table(path: Path, decimal: str | None = None, wanted: Collection[str] = ()) -> TextTable:
    """Any table: separated by commas, semicolons or tabs, and beside the latter two with decimal commas or points.

    `decimal`: the mark, where the user says it. `wanted`: names of which a column has one. Raises DcganError or Misuse
    with one line where a file is no table, and where it could be read in two ways.
    """
    text = _read(path)
    table = _table(path, text, _separator(path, text, wanted))
    mark = decimal or _decimal(path, table)
    if mark == ".":
        return table
    rows = tuple(
        TableRow(where, {name: _with_point(cell) for name, cell in cells.items()}) for where, cells in table.rows
    )
    return TextTable(table.columns, rows, table.separator, mark)


def csv_text(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, others: Literal["raise", "ignore"] = "raise"
) -> str:
    """Rows as one of our own tables, with these columns; what a row lacks is blank. `others`: what becomes of a row
    that has more, which raises ValueError unless it is to be cut."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction=others)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def number(where: str, column: str, text: str) -> float:
    """A cell as a finite number, NaN for a blank. Raises Misuse otherwise."""
    if text.lower() in BLANK:
        return math.nan
    value = to_float(text)
    if value is None or not math.isfinite(value):
        raise Misuse(f"{where}: {column}='{text}' is not a finite number")
    return value


def to_float(text: str) -> float | None:
    """A cell as a number, which may be infinite; None if it is none."""
    try:
        return None if "_" in text else float(text)  # Python takes 1_000 for a number; a table does not
    except ValueError:
        return None


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell as a formula instead of showing its text; a number is none.

    Example:
        >>> [is_formula(text) for text in ("=1+1", "@SUM(A1)", "-2.5", "bare")]
        [True, True, False, False]
    """
    return text[:1] in _FORMULA and to_float(text) is None


def to_whole(text: str) -> int | None:
    """A cell as a whole number, exactly, of whatever size a seed may have; None if it is none. `3.0` is 3."""
    try:
        value = Decimal(text) if "_" not in text else Decimal("nan")
    except InvalidOperation:
        return None
    # A number with more digits before the point than the largest seed is not written out: 1e999999999 would be.
    if not value.is_finite() or value.adjusted() >= 20 or value != value.to_integral_value():
        return None
    whole = int(value)
    return whole if abs(whole) < LARGEST_SEED else None


def _read(path: Path) -> str:
    try:
        text = regular_files.read(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise cannot("read", path, error) from error
    except UnicodeDecodeError as error:
        raise DcganError(f"{path} is not text in UTF-8 ({error}): save it as CSV in UTF-8") from None
    for what, most, found in (
        ("lines", _MOST_LINES, max(map(text.count, "\n\r"))),
        ("cells", _MOST_CELLS, max(map(text.count, SEPARATORS))),
    ):
        if found > most:
            raise Misuse(f"{path}: {found:,} {what}, of which at most {most:,} are read: give a part of the table")
    return text


def _table(path: Path, text: str, separator: str) -> TextTable:
    """The table that the text is with that separator."""
    header: list[str] = []
    rows = []
    for line, cells in _lines(path, text, separator):
        if not header:
            header = [cell.strip() for cell in cells]
            _check_names(path, header)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise Misuse(f"{path}, line {line}: {len(cells)} cells for {len(header)} columns")
        named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        rows.append(TableRow(f"{path}, line {line}", named))
    return TextTable(tuple(header), tuple(rows), separator)


def _lines(path: Path, text: str, separator: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise DcganError(f"{path} is not a CSV table in UTF-8: {error}") from None


def _check_names(path: Path, header: list[str]) -> None:
    seen = set()
    for name in header:
        if name in seen:
            raise Misuse(f"{path} has two columns named '{name}'")
        if not name.isprintable():
            raise Misuse(f"{path}: column {name!r}: expected a name in printable characters")
        seen.add(name)


def _separator(path: Path, text: str, wanted: Collection[str]) -> str:
    """What separates the columns: that which splits the header, if only one does, or gives a wanted name, or splits
    every line alike."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    headers = {mark: _header(first, mark) for mark in SEPARATORS}
    fitting = [mark for mark, names in headers.items() if len(names) > 1]
    if len(fitting) > 1:
        fitting = [mark for mark in fitting if not set(wanted).isdisjoint(headers[mark])] or fitting
    if len(fitting) > 1:
        alike = [mark for mark in fitting if len({len(cells) for _, cells in _lines(path, text, mark) if cells}) == 1]
        fitting = alike or fitting
    if len(fitting) > 1:
        both = " or by ".join(SEPARATORS[mark] for mark in fitting)
        raise Misuse(f"{path}: are its columns separated by {both}? Put names and cells that hold one in quotes")
    return fitting[0] if fitting else ","


def _header(line: str, separator: str) -> list[str]:
    """The names in a line, none where quotes end elsewhere than at that separator."""
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=separator, strict=True), [])]
    except csv.Error:
        return []


def _decimal(path: Path, table: TextTable) -> str:
    """The decimal mark of a table. Raises Misuse where both are there, or where it may separate thousands."""
    if table.separator == ",":
        return "."
    found: dict[str, str] = {}
    certain: set[str] = set()
    for where, cells in table.rows:
        for name, cell in cells.items():
            for mark, fraction in _FRACTION.items():
                if fraction.fullmatch(cell):
                    found.setdefault(mark, f"{where.removeprefix(f'{path}, ')}: {name}='{cell}'")
                    if not _GROUPED.fullmatch(cell):
                        certain.add(mark)
    if len(found) > 1:
        raise Misuse(
            f"{path} has numbers with a decimal point ({found['.']}) and with a decimal comma ({found[',']}): say "
            "which it is with --decimal . or --decimal ,"
        )
    if not found:
        return "."
    mark = next(iter(found))
    if not certain:
        raise Misuse(
            f"{path}, {found[mark]}: a decimal {MARKS[mark]}, or does it separate thousands? Say --decimal {mark} if "
            "it is a decimal one, else write the numbers without it"
        )
    return mark


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _FRACTION[","].fullmatch(cell) else cell
