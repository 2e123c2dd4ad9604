"""What an arm costs against what it brings."""

from __future__ import annotations

from matplotlib.ticker import FuncFormatter, MaxNLocator

from dcgan.common.formatting import cut, percent
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.comparisons import Comparison
from dcgan.report.figures.canvas import COLOURS, FAINT, HELPS, HURTS, INK, MUTED, NARROW, PAPER, WIDE, Canvas, drawing
from dcgan.report.text.numbers import metric_label

_LEFT, _TOP, _RIGHT, _BOTTOM = 44.0, 20.0, 20.0, 52.0
_LINE, _LETTER = 15.0, 7.0  # the height of a label, and the width of one of its letters


def has_cost(analysis: Analysis) -> bool:
    """Whether at least one comparison has times and a difference."""
    return bool(_placed(analysis))


@drawing
def cost(analysis: Analysis, *, narrow: bool = False) -> str:
    """The extra training time of every arm (share of the baseline's) against its difference in the metric."""
    shown = _placed(analysis)
    width, height = (NARROW, 360.0) if narrow else (WIDE, 420.0)
    metric, baseline = metric_label(analysis.metric), analysis.baseline.arm
    canvas = Canvas(width, height, f"Extra training time against the difference in {metric}")
    inner = (width - _LEFT - _RIGHT, height - _TOP - _BOTTOM)
    axes = canvas.axes(_LEFT, _TOP, *inner)
    x = [point[1] for point in shown]
    y = [point[2] for point in shown]
    left, right = _spread(x, 0.08, 0.40 if narrow else 0.20)
    low, high = _spread(y, 0.08, 0.08)
    axes.set(xlim=(left, right), ylim=(low, high))
    axes.grid(color=FAINT, linewidth=1.0)
    axes.axhline(0.0, color=INK, linewidth=1.0, zorder=0)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
    axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 8))
    names = [cut(point[0].arm.arm, 24) for point in shown]
    across = [_LEFT + inner[0] * (value - left) / (right - left) + 10 for value in x]
    down = [_TOP + inner[1] * (high - value) / (high - low) for value in y]
    heights = _apart(list(zip(across, down, names, strict=True)))
    for index, (comparison, extra, value) in enumerate(shown):
        colour = COLOURS[comparison.verdict]
        settled = comparison.verdict != "inconclusive"
        tip = canvas.tip(f"{comparison.arm.arm}: {value:+.6g} {metric}, {percent(extra)} time")
        face = colour if settled else PAPER
        axes.plot([extra], [value], "D" if settled else "o", color=colour, markerfacecolor=face, gid=tip, markersize=8)
        canvas.text(across[index], heights[index], names[index], fontsize=11.5, ha="left")
    _edges(canvas, analysis, width, height)
    unit = f"extra training time   ·   upright: difference in {metric} to {baseline}"
    canvas.text(_LEFT + inner[0] / 2, height - 12, unit, MUTED, fontsize=11, ha="center")
    return canvas.svg()


def _placed(analysis: Analysis) -> list[tuple[Comparison, float, float]]:
    return [
        (comparison, comparison.cost, comparison.paired.difference)
        for comparison in analysis.comparisons
        if comparison.cost is not None and comparison.paired.difference is not None
    ]


def _spread(values: list[float], before: float, after: float) -> tuple[float, float]:
    """Limits that hold the values and zero, with room on either side."""
    low, high = min(0.0, *values), max(0.0, *values)
    reach = (high - low) or 1.0
    return low - before * reach, high + after * reach


def _apart(labels: list[tuple[float, float, str]]) -> list[float]:
    """The heights of labels (x, y, text), each moved down until it covers none of those placed above it."""
    heights = [0.0] * len(labels)
    placed: list[tuple[float, float, float]] = []
    for index in sorted(range(len(labels)), key=lambda each: labels[each][1]):
        x, y, text = labels[index]
        end = x + _LETTER * len(text)
        for left, right, height in placed:
            if x < right and left < end and y < height + _LINE:
                y = height + _LINE
        placed.append((x, end, y))
        placed.sort(key=lambda each: each[2])
        heights[index] = y
    return heights


def _edges(canvas: Canvas, analysis: Analysis, width: float, height: float) -> None:
    """Which way is better, in the corners."""
    top, bottom = ("worse", "better") if analysis.goal == "minimize" else ("better", "worse")
    colours = {"better": HELPS, "worse": HURTS}
    canvas.text(width - _RIGHT, _TOP + 6, f"{top} ↑", colours[top], fontsize=11.5, ha="right")
    canvas.text(width - _RIGHT, height - _BOTTOM - 8, f"{bottom} ↓", colours[bottom], fontsize=11.5, ha="right")
