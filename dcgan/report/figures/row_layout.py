"""Rows of intervals with every seed's dot, on common axes: what most figures are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from matplotlib.axes import Axes

from dcgan.common.drawing.axis_limits import limits
from dcgan.common.drawing.canvas import FAINT, HELPS, HURTS, LINE, MUTED, NARROW, PAPER, WIDE, Canvas
from dcgan.common.drawing.seed_marks import marks_of
from dcgan.common.drawing.svg import Mark, Shape
from dcgan.common.formatting import cut
from dcgan.comparison.analysis import Analysis
from dcgan.statistics.paired import Interval

_TOP, _BOTTOM = 44.0, 52.0
_MOST_TOLD = 30  # rows that the description has


@dataclass(frozen=True)
class FigureRow:
    """One line of a figure: its words, its dots (seed -> value), its centre with an interval.

    `dot`: what a dot is of.
    """

    label: str
    below: str
    dots: Mapping[int, float]
    centre: float | None
    interval: Interval | None
    colour: str
    settled: bool
    words: str
    verdict: str
    strong: bool = False
    so: str = ""
    dot: Literal["seed", "study"] = "seed"


@dataclass(frozen=True)
class Sheet:
    """Where the parts of a figure of rows stand, in pixels. `mirrored`: the axis runs from right to left."""

    narrow: bool
    rows: int
    names: int  # letters of the longest label
    letters: int  # and of the longest words beside a row
    verdict: float  # the width of the last column
    mirrored: bool = False

    @property
    def width(self) -> float:
        return NARROW if self.narrow else WIDE

    @property
    def pitch(self) -> float:
        return 62.0 if self.narrow else 44.0

    @property
    def height(self) -> float:
        return _TOP + self.rows * self.pitch + _BOTTOM

    @property
    def left(self) -> float:
        return 12.0 if self.narrow else min(max(190.0, 7.2 * self.names + 16.0), 300.0)

    @property
    def room(self) -> int:
        """For how many letters of a label."""
        return 26 if self.narrow else max(26, int((self.left - 16.0) / 7.2))

    @property
    def right(self) -> float:
        return self.width - (12.0 if self.narrow else 28.0 + self.verdict + min(6.5 * self.letters, 260.0))

    def middle(self, row: int) -> float:
        """The height of a row's line of dots."""
        return _TOP + (row + 0.5) * self.pitch + (13.0 if self.narrow else 0.0)


def sheet_for(rows: list[FigureRow], narrow: bool) -> Sheet:
    """A sheet on which the words beside the rows do not meet."""
    names, letters = max(len(row.label) for row in rows), max(len(row.words) for row in rows)
    verdict = max(98.0, *(5.6 * len(cut(row.so, 34)) + 14.0 for row in rows))
    return Sheet(narrow, len(rows), names, letters, verdict)


def draw_rows(
    canvas: Canvas,
    sheet: Sheet,
    rows: list[FigureRow],
    *,
    centre: float,
    margin: float | None,
    write: Callable[[float], str],
    floor: float | None = None,
) -> tuple[Axes, float]:
    """Draws the rows on common axes around `centre`; returns them and their half width in data units.

    `write`: how a value is told when it is pointed at; `floor`: what no value can be below.
    """
    axes = canvas.axes(sheet.left, _TOP, sheet.right - sheet.left, sheet.rows * sheet.pitch)
    points = [[*row.dots.values(), *(row.interval or ())] for row in rows]
    low, high = limits([(min(each), max(each)) for each in points if each], centre, 1.2 * (margin or 0.0), floor)
    axes.set(
        xlim=(high, low) if sheet.mirrored else (low, high), ylim=(_TOP + sheet.rows * sheet.pitch, _TOP), yticks=[]
    )
    axes.grid(axis="x", color=FAINT, linewidth=1.0)
    axes.locator_params(axis="x", nbins=4 if sheet.narrow else 7)
    for index, row in enumerate(rows):
        top = _TOP + index * sheet.pitch
        canvas.line((12.0, sheet.width - 12.0), (top, top), FAINT)
        _words(canvas, sheet, row, index)
        middle = sheet.middle(index)
        told = None if sheet.narrow else write
        marks = marks_of(row.dots, (low, high), middle + 7.0, sheet.right - sheet.left, told, noun=row.dot)
        canvas.marks(axes, marks.inside, row.colour, marks.size, opacity=0.55)
        canvas.marks(axes, _pointing(marks.beyond, sheet), row.colour, 3.0)
        canvas.marks(axes, _pointing(_interval(axes, row, middle - 4.0, (low, high)), sheet), row.colour, 3.5)
        _centre(axes, canvas, row, middle - 4.0, (low, high))
    canvas.line((12.0, sheet.width - 12.0), (sheet.height - _BOTTOM,) * 2, LINE)
    canvas.description = _told(rows)
    return axes, max(high - centre, centre - low)


def _words(canvas: Canvas, sheet: Sheet, row: FigureRow, index: int) -> None:
    colour = row.colour if row.verdict in ("helps", "hurts", "no effect") else MUTED
    middle = sheet.middle(index)
    bold = "bold" if row.strong else "normal"
    if sheet.narrow:
        top = _TOP + index * sheet.pitch + 15
        label = cut(row.label, sheet.room) + (f"  ({row.below})" if row.below else "")
        canvas.text(12, top, cut(label, 40), fontsize=12, ha="left", fontweight=bold)
        canvas.text(sheet.width - 12, top, row.verdict, colour, fontsize=12, ha="right", fontweight="bold")
        return
    lift = 7.0 if row.below else 0.0
    canvas.text(12, middle - lift, cut(row.label, sheet.room), fontsize=12.5, ha="left", fontweight=bold)
    if row.below:
        canvas.text(12, middle + 9, f"× {cut(row.below, 34)}", HURTS, fontsize=10, ha="left")  # noqa: RUF001
    canvas.text(sheet.right + 16, middle, row.words, fontsize=12, ha="left")
    lift = 7.0 if row.so else 0.0
    canvas.text(sheet.width - 12, middle - lift, row.verdict, colour, fontsize=12, ha="right", fontweight="bold")
    if row.so:
        canvas.text(sheet.width - 12, middle + 9, cut(row.so, 34), MUTED, fontsize=10, ha="right")


def _pointing(marks: list[Mark], sheet: Sheet) -> list[Mark]:
    """Arrows that lead off the picture, also where the axis is mirrored."""
    sides: dict[Shape, Shape] = {"left": "right", "right": "left"} if sheet.mirrored else {}
    return [replace(mark, shape=sides.get(mark.shape, mark.shape)) for mark in marks]


def _interval(axes: Axes, row: FigureRow, middle: float, limits: Interval) -> list[Mark]:
    """Draws a row's interval as far as the axes go; the arrows that what lies beyond them is shown by."""
    low, high = limits
    beyond: list[Mark] = []
    if row.interval is not None:
        left, right = max(row.interval[0], low), min(row.interval[1], high)
        if left < right:
            axes.plot([left, right], [middle] * 2, color=row.colour, linewidth=2.2, solid_capstyle="round")
        beyond += [Mark(low, middle, shape="left")] if row.interval[0] < low else []
        beyond += [Mark(high, middle, shape="right")] if row.interval[1] > high else []
    return beyond


def _centre(axes: Axes, canvas: Canvas, row: FigureRow, middle: float, limits: Interval) -> None:
    """A row's centre, where the axes hold it."""
    low, high = limits
    if row.centre is not None and low <= row.centre <= high:
        title = f"{row.label}: {row.words}"
        if row.settled:
            canvas.marks(axes, [Mark(row.centre, middle, title, "diamond")], row.colour, 5.5)
        else:
            canvas.marks(axes, [Mark(row.centre, middle, title)], row.colour, 3.8, face=PAPER)


def _told(rows: list[FigureRow]) -> str:
    """The rows in words, for those who do not see them."""
    told = [f"{row.label}: {row.words}, {row.verdict}" for row in rows[:_MOST_TOLD]]
    more = f" {len(rows) - _MOST_TOLD} more rows are in the tables." if len(rows) > _MOST_TOLD else ""
    dots = {"seed": "seeds", "study": "studies"}[rows[0].dot] if rows else "seeds"
    return f"A row each, with its 95 % interval and its {dots}. {'; '.join(told)}.{more}"


def headings(canvas: Canvas, sheet: Sheet, analysis: Analysis, words: str, verdict: str) -> None:
    """What the columns are, and which side of the axes is better."""
    left, right = ("better", "worse") if (analysis.goal == "minimize") != sheet.mirrored else ("worse", "better")
    colours = {"better": HELPS, "worse": HURTS}
    canvas.text(sheet.left, 24, f"← {left}", colours[left], fontsize=11.5, ha="left")
    canvas.text(sheet.right, 24, f"{right} →", colours[right], fontsize=11.5, ha="right")
    if not sheet.narrow:
        canvas.text(sheet.right + 16, 24, words, MUTED, fontsize=11, ha="left")
        canvas.text(sheet.width - 12, 24, verdict, MUTED, fontsize=11, ha="right")
