"""What an arm costs against what it brings."""

from __future__ import annotations

from matplotlib.ticker import FuncFormatter, MaxNLocator

from dcgan.report.analysis import Analysis, Comparison
from dcgan.report.canvas import COLOURS, FAINT, HELPS, HURTS, INK, MUTED, PAPER, Canvas, drawing
from dcgan.report.figures import NARROW, WIDE
from dcgan.report.wording import metric_label, percent

_LEFT, _TOP, _RIGHT, _BOTTOM = 56.0, 20.0, 20.0, 58.0
_LINE = 15.0  # the height of a label


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
    left, right = _spread(x, 0.08, 0.30 if narrow else 0.16)
    low, high = _spread(y, 0.08, 0.08)
    axes.set(xlim=(left, right), ylim=(low, high))
    axes.grid(color=FAINT, linewidth=1.0)
    axes.axhline(0.0, color=INK, linewidth=1.0, zorder=0)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
    axes.xaxis.set_major_locator(MaxNLocator(4 if narrow else 8))
    heights = [_TOP + inner[1] * (high - value) / (high - low) for value in y]
    for (comparison, extra, value), label in zip(shown, _apart(heights), strict=True):
        colour = COLOURS[comparison.verdict]
        settled = comparison.verdict != "inconclusive"
        tip = canvas.tip(f"{comparison.arm.arm}: {value:+.6g} {metric}, {percent(extra)} time")
        face = colour if settled else PAPER
        axes.plot([extra], [value], "D" if settled else "o", color=colour, markerfacecolor=face, gid=tip, markersize=8)
        across = _LEFT + inner[0] * (extra - left) / (right - left)
        name = comparison.arm.arm
        canvas.text(across + 10, label, name if len(name) <= 24 else name[:23] + "…", fontsize=11.5, ha="left")
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


def _apart(heights: list[float]) -> list[float]:
    """The heights of labels, moved down as far as needed so that none covers the one above."""
    placed = list(heights)
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    for above, below in zip(order, order[1:], strict=False):
        placed[below] = max(placed[below], placed[above] + _LINE)
    return placed


def _edges(canvas: Canvas, analysis: Analysis, width: float, height: float) -> None:
    """Which way is better, in the corners."""
    top, bottom = ("worse", "better") if analysis.goal == "minimize" else ("better", "worse")
    colours = {"better": HELPS, "worse": HURTS}
    canvas.text(width - _RIGHT, _TOP + 6, f"{top} ↑", colours[top], fontsize=11.5, ha="right")
    canvas.text(width - _RIGHT, height - _BOTTOM - 8, f"{bottom} ↓", colours[bottom], fontsize=11.5, ha="right")
