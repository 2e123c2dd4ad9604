"""What an arm costs against what it brings."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dcgan.common.drawing.axis_limits import limits
from dcgan.common.drawing.canvas import (
    FAINT,
    HELPS,
    HURTS,
    INK,
    MUTED,
    NARROW,
    PAPER,
    WIDE,
    Canvas,
    drawing,
)
from dcgan.common.drawing.label_placement import Box
from dcgan.common.drawing.ratio_axis import label_ratios
from dcgan.common.drawing.svg import Mark, Shape
from dcgan.common.formatting import cut, ratio_text
from dcgan.comparison.analysis import Analysis
from dcgan.report.figures.colours import COLOURS
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.sentences import against_words
from dcgan.statistics.paired import Verdict

_LEFT, _TOP, _RIGHT, _BOTTOM = 58.0, 20.0, 16.0, 52.0
_FEW = 12  # arms that a picture of the usual height has room for
_MOST_NAMED = 60  # more names would hide the points; all are told when pointed at, and in the table


@dataclass(frozen=True)
class _Costed:
    """A tip by the logarithm of the time that it takes and by its effect on the scale."""

    name: str
    time: float
    effect: float
    verdict: Verdict


def has_cost(analysis: Analysis) -> bool:
    """Whether at least one comparison has times and a difference."""
    return bool(_placed(analysis))


@drawing
def cost(analysis: Analysis, *, narrow: bool = False) -> str:
    """The training time of every tip, as a ratio to that without it, against its effect on the scale.

    Tips far from all others are arrows at the edge, with their values, so that they flatten nothing.
    """
    shown, numbers = _placed(analysis), Numbers.of(analysis)
    metric = metric_label(analysis.metric)
    width = NARROW if narrow else WIDE
    height = (360.0 if narrow else 420.0) + (14.0 if narrow else 7.0) * min(max(0, len(shown) - _FEW), _MOST_NAMED)
    canvas = Canvas(width, height, f"Training time against the effect on {metric}", _told(shown, numbers))
    axes = canvas.axes(_LEFT, _TOP, width - _LEFT - _RIGHT, height - _TOP - _BOTTOM)
    left, right = limits([(each.time, each.time) for each in shown], 0.0, 0.05)
    low, high = limits([(each.effect, each.effect) for each in shown], 0.0, analysis.margin or 0.0)
    axes.set(xlim=(left, right), ylim=(low, high))
    axes.grid(color=FAINT, linewidth=1.0)
    axes.axhline(0.0, color=INK, linewidth=1.0, zorder=0)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    label_ratios(axes, 4 if narrow else 8)
    if analysis.scale == "ratio":
        label_ratios(axes, 8, upright=True)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(8))
    names = []
    for each in shown:
        x, y = min(max(each.time, left), right), min(max(each.effect, low), high)
        _mark(canvas, axes, each, (x, y), numbers)
        inside = (x, y) == (each.time, each.effect)
        names.append((x, y, cut(each.name, 14 if narrow else 24) + ("" if inside else f" ({_values(each, numbers)})")))
    edges = _edges(canvas, analysis, width, height)
    area = (_LEFT, _TOP - 8, width - 4, height - _BOTTOM - 2)
    unnamed = canvas.names(axes, names, area, edges) if len(names) <= _MOST_NAMED else len(names)
    unit = f"training time   ·   upright: {_upright(analysis, metric)}"
    canvas.text(_LEFT + (width - _LEFT - _RIGHT) / 2, height - 12, unit, MUTED, fontsize=11, ha="center")
    if unnamed:
        canvas.text(_LEFT, 8, f"{unnamed} of {len(shown)} names: see the table", MUTED, fontsize=10, ha="left")
    return canvas.svg()


def _placed(analysis: Analysis) -> list[_Costed]:
    return [
        _Costed(tip.label, math.log1p(tip.cost), tip.estimate.effect, tip.verdict)
        for tip in analysis.tips
        if tip.cost is not None and tip.cost > -1 and tip.estimate.effect is not None
    ]


def _values(place: _Costed, numbers: Numbers) -> str:
    return f"{numbers.effect(place.effect)}, {ratio_text(place.time)} time"


def _told(shown: list[_Costed], numbers: Numbers) -> str:
    """The points in words, for those who do not see them."""
    told = "; ".join(f"{each.name}: {_values(each, numbers)}" for each in shown[:_MOST_NAMED])
    return f"A point each: its effect and its extra training time. {told}."


def _upright(analysis: Analysis, metric: str) -> str:
    relative = "relative difference" if analysis.scale == "ratio" else "difference"
    return f"{relative} in {metric}, {against_words(analysis)}"


def _mark(canvas: Canvas, axes: Axes, place: _Costed, at: tuple[float, float], numbers: Numbers) -> None:
    """A mark: an arrow where it lies beyond the picture."""
    x, y = at
    colour, tip = COLOURS[place.verdict], f"{place.name}: {_values(place, numbers)}"
    arrow: Shape | None = None
    if place.time != x:
        arrow = "right" if place.time > x else "left"
    elif place.effect != y:
        arrow = "up" if place.effect > y else "down"
    if arrow:
        canvas.marks(axes, [Mark(x, y, tip, arrow)], colour, 5.0)
    elif place.verdict == "inconclusive":
        canvas.marks(axes, [Mark(x, y, tip)], colour, 4.0, face=PAPER)
    else:
        canvas.marks(axes, [Mark(x, y, tip, "diamond")], colour, 5.5)


def _edges(canvas: Canvas, analysis: Analysis, width: float, height: float) -> list[Box]:
    """Which way is better, in the corners; the boxes of these words."""
    top, bottom = ("worse", "better") if analysis.goal == "minimize" else ("better", "worse")
    colours = {"better": HELPS, "worse": HURTS}
    canvas.text(width - _RIGHT, _TOP + 6, f"{top} ↑", colours[top], fontsize=11.5, ha="right")
    canvas.text(width - _RIGHT, height - _BOTTOM - 8, f"{bottom} ↓", colours[bottom], fontsize=11.5, ha="right")
    corners = (_TOP + 6, height - _BOTTOM - 8)
    return [(width - _RIGHT - 62, middle - 9, width - _RIGHT, middle + 9) for middle in corners]
