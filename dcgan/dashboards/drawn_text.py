"""Text in a drawing: letters at their sizes, lines that fit a width, and Markdown with its tables."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence

from dcgan.common.drawing.canvas import INK, LINE, MUTED
from dcgan.common.drawing.svg import allowed
from dcgan.common.formatting import cut

STEP = 15.0  # from one line of text to the next
SIZES = {"small": 11.0, "text": 12.0, "title": 13.0, "heading": 15.0, "name": 18.0}
_LETTER, _FIXED = 0.55, 0.61  # of the size of text: how wide a letter is, about; and one of fixed width
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]#|~$+.)-])")
_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[|\s:-]+")


def write(
    x: float,
    y: float,
    text: str,
    size: str,
    *,
    colour: str = INK,
    weight: int = 400,
    end: bool = False,
    mono: bool = False,
) -> str:
    """A line of text from there on, or up to there: an SVG element, escaped."""
    style = f'font-size="{SIZES[size]:g}"'
    style += f' fill="{colour}"' if colour != INK else ""
    style += f' font-weight="{weight}"' if weight != 400 else ""
    style += ' text-anchor="end"' if end else ""
    style += f' font-family="{_MONO}"' if mono else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{safe(text)}</text>'


def safe(text: str) -> str:
    """The text as XML holds it, on one line."""
    return html.escape(allowed(text), quote=True)


def fitting(width: float, size: str, *, mono: bool = False) -> int:
    """How many letters are that wide, at least one."""
    return max(int(width / (SIZES[size] * (_FIXED if mono else _LETTER))), 1)


def lines(text: str, x: float, y: float, width: float, size: str) -> tuple[str, float]:
    """A muted text in lines, and where the next one goes."""
    found = textwrap.wrap(allowed(text), fitting(width, size))
    drawn = [write(x, y + index * STEP, line, size, colour=MUTED) for index, line in enumerate(found)]
    return "\n".join(drawn), y + len(found) * STEP


def markdown(text: str, x: float, y: float, width: float) -> tuple[str, float]:
    """Markdown as reports have it (paragraphs, quotes, lists, tables), and where the next line goes."""
    parts: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows += [] if _RULE.fullmatch(line) else [[_plain(cell) for cell in _CELLS.split(line)[1:-1]]]
            continue
        if rows:
            drawn, y = _table(rows, x, y, width)
            parts.append(drawn)
            rows = []
        if words := _plain(line.removeprefix("> ")):
            is_bold = line.startswith("**") and line.endswith("**")
            for piece in textwrap.wrap(words, fitting(width, "text")):
                parts.append(
                    write(x, y, piece, "text", weight=600 if is_bold else 400, colour=INK if is_bold else MUTED)
                )
                y += STEP
            y += 0 if line.startswith("- ") else 6
    return "\n".join(parts), y


def _table(rows: Sequence[Sequence[str]], x: float, y: float, width: float) -> tuple[str, float]:
    """The columns as wide as their longest cell where that fits, the last but as much as is left."""
    size = "small"
    letter = SIZES[size] * _LETTER
    wide = [max(len(row[index]) for row in rows) * letter + 18 for index in range(len(rows[0]))]
    while sum(wide) > width:
        widest = max(range(len(wide)), key=lambda index: wide[index])
        wide[widest] -= min(letter, wide[widest] - letter)
    parts = []
    for number, row in enumerate(rows):
        left = x
        for cell, column in zip(row, wide, strict=True):
            fits = len(cell) <= fitting(column - 8, size)
            shown = cell if fits else cut(cell, fitting(column - 8, size, mono=True))  # its letters may be wide ones
            parts.append(write(left, y, shown, size, weight=400 if number else 600, colour=INK if number else MUTED))
            left += column
        if not number:
            parts.append(f'<path d="M{x:.1f} {y + 6:.1f}h{width:.1f}" stroke="{LINE}"/>')
            y += 6
        y += STEP + 2
    return "\n".join(parts), y + 6


def _plain(text: str) -> str:
    """Markdown's words as they are read."""
    return allowed(_ESCAPED.sub(r"\1", html.unescape(text.replace("**", ""))).strip())
