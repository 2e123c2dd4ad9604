"""The matrix of tips and studies as a picture: reports/tips.svg."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from tip_matrix import LIMITED, Cell, Column, Matrix

from dcgan.common.drawing.canvas import BAND, FAINT, INK, LINE, MUTED, PAPER, Canvas, drawing
from dcgan.common.drawing.svg import Mark, Shape
from dcgan.report.figures.colours import COLOURS
from dcgan.statistics.paired import Verdict

_WIDTH, _NAMES = 900.0, 132.0
_TOP, _PITCH, _BOTTOM = 66.0, 50.0, 62.0
_SHADES: Mapping[Verdict, str] = {"helps": "#dbe9f8", "hurts": "#fbe2d6", "no effect": BAND, "inconclusive": PAPER}
_SHAPES: Mapping[Verdict, Shape] = {"helps": "down", "hurts": "up", "no effect": "dash", "inconclusive": "dot"}
_LEGEND: Mapping[Verdict, str] = {
    "helps": "helps: FID is lower with it",
    "hurts": "hurts: FID is higher with it",
    "no effect": "no effect: within the margin",
    "inconclusive": "inconclusive",
}


@drawing
def figure(matrix: Matrix) -> str:
    """A row for every tip, a column for every study: effect on FID, 95 % interval and time, in the verdict's colour."""
    height = _TOP + len(matrix.rows) * _PITCH + _BOTTOM
    canvas = Canvas(_WIDTH, height, "Effect on FID of every tip in every study", _told(matrix))
    axes = canvas.axes(0, 0, _WIDTH, height)
    axes.set(xlim=(0, _WIDTH), ylim=(height, 0), xticks=[], yticks=[])
    pitch = (_WIDTH - _NAMES - 8.0) / max(len(matrix.columns), 1)
    for row, tip in enumerate(matrix.rows):
        top = _TOP + row * _PITCH
        canvas.line((8.0, _WIDTH - 8.0), (top, top), FAINT)
        canvas.text(12, top + _PITCH / 2, tip, fontsize=12.5, ha="left")
    for index, column in enumerate(matrix.columns):
        left = _NAMES + index * pitch
        _heading(canvas, left + pitch / 2, column, matrix.seeds[index])
        for row, tip in enumerate(matrix.rows):
            if (cell := matrix.cells[index].get(tip)) is not None:
                _draw_cell(canvas, axes, cell, (left, _TOP + row * _PITCH), pitch)
    bottom = height - _BOTTOM
    canvas.line((8.0, _WIDTH - 8.0), (bottom, bottom), LINE)
    _legend(canvas, axes, matrix, bottom)
    return canvas.svg()


def _heading(canvas: Canvas, middle: float, column: Column, seeds: int) -> None:
    canvas.text(middle, 18, column.title, fontsize=12.5, ha="center", fontweight="bold")
    canvas.text(middle, 35, column.way, fontsize=11, ha="center")
    canvas.text(middle, 52, f"{seeds} seeds", MUTED, fontsize=10, ha="center")


def _draw_cell(canvas: Canvas, axes: Axes, cell: Cell, corner: tuple[float, float], pitch: float) -> None:
    left, top = corner
    place = Rectangle((left + 2, top + 2), pitch - 4, _PITCH - 4, facecolor=_SHADES[cell.verdict], linewidth=0)
    axes.add_patch(place)
    middle, settled = left + pitch / 2, cell.verdict in {"helps", "hurts"}
    colour = COLOURS[cell.verdict]
    _mark(canvas, axes, cell.verdict, left + 13, top + 13)
    weight = "bold" if settled else "normal"
    canvas.text(middle + 6, top + 13, cell.effect_words(), colour if settled else INK, fontsize=12.5, ha="center",
                fontweight=weight)  # fmt: skip
    canvas.text(middle, top + 27, cell.interval_words(), INK, fontsize=10, ha="center")
    canvas.text(middle, top + 40, cell.time_words(), MUTED, fontsize=9.5, ha="center")


def _mark(canvas: Canvas, axes: Axes, verdict: Verdict, x: float, y: float) -> None:
    """What tells verdicts apart without colours."""
    face = PAPER if verdict == "inconclusive" else ""
    canvas.marks(axes, [Mark(x, y, shape=_SHAPES[verdict])], COLOURS[verdict], 4.5, face=face)


def _legend(canvas: Canvas, axes: Axes, matrix: Matrix, top: float) -> None:
    left = 16.0
    for verdict, words in _LEGEND.items():
        _mark(canvas, axes, verdict, left, top + 18)
        canvas.text(left + 11, top + 18, words, fontsize=11, ha="left")
        left += 34.0 + 6.4 * len(words)
    words = (
        "Every cell: switching the tip from off to on, effect on FID, its 95 % interval, extra training time. "
        "Blank: not in that study."
    )
    canvas.text(12, top + 42, words + (f" {LIMITED} of the runs that survived." if matrix.limited else ""), MUTED,
                fontsize=11, ha="left")  # fmt: skip


def _told(matrix: Matrix) -> str:
    """The picture in words, for those who do not see it."""
    columns = [
        f"{column.name}: "
        + "; ".join(f"{tip} {cell.effect_words()}, {cell.verdict}" for tip in matrix.rows if (cell := cells.get(tip)))
        for column, cells in zip(matrix.columns, matrix.cells, strict=True)
    ]
    return f"A row for every tip, a column for every study. {'. '.join(columns)}."
