"""What so many seeds can find, as a curve, with what this study found at its number of seeds."""

from __future__ import annotations

import math
from itertools import pairwise

from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dcgan.common.drawing.canvas import FAINT, INK, LINE, MUTED, NARROW, WIDE, Canvas, drawing
from dcgan.common.drawing.label_placement import Box
from dcgan.common.drawing.svg import Mark
from dcgan.common.formatting import count, cut
from dcgan.report.analysis import Analysis
from dcgan.report.figures.colours import COLOURS
from dcgan.report.figures.cost import name_of
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.power import POWER
from dcgan.statistics.resolution import HOPELESS

_LEFT, _TOP, _BOTTOM, _HEIGHT = 64.0, 18.0, 50.0, 260.0
_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # shares
_LEAST = 0.25  # of the smallest difference on the curve: smaller effects are arrows at the edge
_MOST_NAMED = 16
_APART = 26.0  # pixels between the labels of two numbers of seeds


def has_resolution_curve(analysis: Analysis) -> bool:
    """Whether at least two numbers of seeds can be told of."""
    return len(_curve(analysis)) > 1


@drawing
def resolution_curve(analysis: Analysis, *, narrow: bool = False) -> str:
    """The smallest true difference that so many seeds find with 80 %, on logarithmic axes, in per cent.

    Marks are the effects of this study's arms, whatever their sign, at its number of seeds.
    """
    curve, numbers = _curve(analysis), Numbers.of(analysis)
    width = NARROW if narrow else WIDE
    title = f"The smallest true difference in {metric_label(analysis.metric)} that so many seeds find"
    canvas = Canvas(width, _HEIGHT, title, _told(analysis, numbers))
    axes = canvas.axes(_LEFT, _TOP, width - _LEFT - 16.0, _HEIGHT - _TOP - _BOTTOM, xscale="log", yscale="log")
    seeds, sizes = [n for n, _ in curve], [value for _, value in curve]
    effects = [(each, each.estimate.effect) for each in analysis.comparisons]
    found = [(each, _share(analysis, abs(effect))) for each, effect in effects if effect is not None]
    low = _LEAST * min(sizes)
    high = 1.25 * max(*sizes, *(share for _, share in found))
    axes.set(xlim=(seeds[0] / 1.1, seeds[-1] * 1.1), ylim=(low, high))
    axes.xaxis.set_major_locator(
        FixedLocator(_spaced(seeds, analysis.seeds, _APART * math.log(seeds[-1] / seeds[0]) / (width - _LEFT)))
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high][-6:]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.grid(color=FAINT, linewidth=1.0)
    axes.axvline(analysis.seeds, color=LINE, linewidth=1.0, dashes=(4, 3), zorder=0)
    axes.plot(seeds, sizes, color=INK, linewidth=2.0, solid_capstyle="round")
    for each, share in found:
        tip = f"{name_of(each)}: {numbers.effect(each.estimate.effect)}, {each.verdict}"
        mark = Mark(analysis.seeds, max(share, low), tip, "dash" if share >= low else "down")
        canvas.marks(axes, [mark], COLOURS[each.verdict], 6.0 if share >= low else 4.0)
    if len(found) <= _MOST_NAMED:
        names = [(analysis.seeds, max(share, low), cut(name_of(each), 20)) for each, share in found]
        area = (_LEFT, 4.0, width - 4.0, _HEIGHT - _BOTTOM + 4.0)
        canvas.names(axes, names, area, _along([canvas.pixel(axes, *point) for point in curve]))
    words = "seeds" if narrow else f"seeds   ·   line: found with {100 * POWER:.0f} %   ·   marks: effects seen here"
    canvas.text(_LEFT + (width - _LEFT - 16.0) / 2, _HEIGHT - 12, words, MUTED, fontsize=11, ha="center")
    return canvas.svg()


def _curve(analysis: Analysis) -> list[tuple[int, float]]:
    """Numbers of seeds with the share that they find; without those that find hardly anything."""
    told = [(n, value) for n, value in analysis.outlook if value]
    if analysis.scale == "ratio":
        told = [(n, value) for n, value in told if value <= HOPELESS]
    elif not analysis.baseline.mean:
        return []
    return [(n, _share(analysis, value)) for n, value in told]


def _share(analysis: Analysis, size: float) -> float:
    """The size of an effect on the scale as a share: of 1 by its ratio, or of the baseline's mean."""
    if analysis.scale == "ratio":
        return math.expm1(size)
    return size / abs(analysis.baseline.mean or 1.0)


def _told(analysis: Analysis, numbers: Numbers) -> str:
    """The curve and the marks in words, for those who do not see them."""
    line = ", ".join(f"{100 * share:.3g} % with {n}" for n, share in _curve(analysis))
    seen = "; ".join(
        f"{name_of(each)} {numbers.effect(each.estimate.effect)}" for each in analysis.comparisons[:_MOST_NAMED]
    )
    return (
        f"Found with {100 * POWER:.0f} % by that many seeds: {line}. Seen with {count(analysis.seeds, 'seed')}: {seen}."
    )


def _spaced(numbers: list[int], present: int, apart: float) -> list[int]:
    """Those whose labels do not meet on a logarithmic axis: the present one and the ends before the others."""
    chosen: list[int] = []
    for n in sorted(numbers, key=lambda n: (n != present, n not in (numbers[0], numbers[-1]), n)):
        if all(abs(math.log(n / other)) >= apart for other in chosen):
            chosen.append(n)
    return sorted(chosen)


def _along(points: list[tuple[float, float]]) -> list[Box]:
    """Boxes that cover a line through the points."""
    boxes = []
    for (x, y), (end, height) in pairwise(points):
        steps = max(1, round((end - x) / 6.0))
        for step in range(steps + 1):
            across, down = x + (end - x) * step / steps, y + (height - y) * step / steps
            boxes.append((across - 4.0, down - 4.0, across + 4.0, down + 4.0))
    return boxes
