"""What commands print on stdout: results. Everything else goes to stderr, by `dcgan.common.messages`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from dcgan.common.messages import escaped


def say(text: str = "") -> None:
    """A line of the result."""
    print(_escaped_lines(text))


def print_json(value: Any) -> None:
    """The whole result as one JSON value; numbers that are not finite are refused."""
    print(json.dumps(value, indent=2, allow_nan=False))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """A table on stdout: aligned for people, in full width where the output is not a terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def text(cell: object) -> Text:  # a string would be read as markup
        return Text(_escaped_lines(str(cell)))

    heading = None if title is None else Text(_escaped_lines(title), "table.title")
    shown = Table(title=heading, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        shown.add_column(text(column))
    for row in rows:
        shown.add_row(*map(text, row))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(shown)


def plain(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Cells as text that every terminal can show: its true minus and its dash as hyphens; nothing for None."""
    signs = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00d7": "x"})
    return [["" if cell is None else str(cell).translate(signs) for cell in row] for row in rows]


def _escaped_lines(text: str) -> str:
    return "\n".join(map(escaped, text.split("\n")))
