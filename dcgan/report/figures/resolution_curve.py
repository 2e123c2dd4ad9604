"""What so many seeds can find, as a curve, with what this study found at its number of seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dcgan.common.drawing.canvas import FAINT, INK, LINE, MUTED, NARROW, WIDE, Canvas, drawing
from dcgan.common.drawing.svg import Mark, Shape
from dcgan.common.formatting import count
from dcgan.comparison.analysis import Analysis
from dcgan.report.figures.colours import COLOURS
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.power import POWER
from dcgan.statistics.resolution import HOPELESS

_LEFT, _TOP, _BOTTOM, _HEIGHT = 64.0, 18.0, 50.0, 260.0
_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # shares
_LEAST = 0.25  # of the smallest difference on the curve: smaller effects are arrows at the edge
_MOST = 4.0  # times the largest difference on the curve: larger effects are arrows at the edge
_TOLD = 16  # arms that the description has
_ROOM, _BESIDE = 1.1, 1.8  # factors of seeds at an end of the axis, and at one where the names of arms stand


def has_resolution_curve(analysis: Analysis) -> bool:
    """Whether at least two numbers of seeds can be told of, of arms that are each compared with the baseline."""
    return analysis.effects is None and len(_curve(analysis)) > 1


@drawing
def resolution_curve(analysis: Analysis, *, narrow: bool = False) -> str:
    """The smallest true difference that so many seeds find with 80 %, on logarithmic axes, in per cent.

    Marks are the effects of this study's arms, whatever their sign, at its number of seeds: those above the line named
    to the right, those below it to the left.
    """
    curve, numbers = _curve(analysis), Numbers.of(analysis)
    width = NARROW if narrow else WIDE
    title = f"The smallest true difference in {metric_label(analysis.metric)} that so many seeds find"
    canvas = Canvas(width, _HEIGHT, title, _told(analysis, numbers))
    axes = canvas.axes(_LEFT, _TOP, width - _LEFT - 16.0, _HEIGHT - _TOP - _BOTTOM, xscale="log", yscale="log")
    seeds, sizes = [n for n, _ in curve], [value for _, value in curve]
    effects = [(each, each.estimate.effect) for each in analysis.tips]
    found = [(each, _share(analysis, abs(effect))) for each, effect in effects if effect is not None]
    low = _LEAST * min(sizes)
    high = 1.25 * min(max([*sizes, *(share for _, share in found)]), _MOST * max(sizes))
    room = [_BESIDE if analysis.seeds == end else _ROOM for end in (seeds[0], seeds[-1])]
    axes.set(xlim=(seeds[0] / room[0], seeds[-1] * room[1]), ylim=(low, high))
    tall = (_HEIGHT - _TOP - _BOTTOM) / math.log(high / low)
    across = (width - _LEFT - 16.0) / math.log(seeds[-1] * room[1] / seeds[0] * room[0])
    axes.xaxis.set_major_locator(FixedLocator(_spaced(seeds, (analysis.seeds, seeds[0], seeds[-1]), 26.0 / across)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_major_locator(
        FixedLocator(_spaced([tick for tick in _TICKS if low <= tick <= high], (), 16.0 / tall))
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.grid(color=FAINT, linewidth=1.0)
    axes.axvline(analysis.seeds, color=LINE, linewidth=1.0, dashes=(4, 3), zorder=0)
    axes.plot(seeds, sizes, color=INK, linewidth=2.0, solid_capstyle="round")
    for each, share in found:
        tip = f"{each.label}: {numbers.effect(each.estimate.effect)}, {each.verdict}"
        shape: Shape = "down" if share < low else "up" if share > high else "dash"
        mark = Mark(analysis.seeds, min(max(share, low), high), tip, shape)
        canvas.marks(axes, [mark], COLOURS[each.verdict], 6.0 if shape == "dash" else 4.0)
    here = dict(curve)[analysis.seeds] if analysis.seeds in dict(curve) else sizes[0]
    _, level = canvas.pixel(axes, analysis.seeds, here)
    above = [(min(share, high), each.label) for each, share in found if share >= here]
    below = [(max(share, low), each.label) for each, share in found if share < here]
    canvas.name_column(axes, analysis.seeds, above, 1, (_LEFT, _TOP - 6.0, width - 4.0, level - 10.0))
    canvas.name_column(axes, analysis.seeds, below, -1, (_LEFT, level + 12.0, width, _HEIGHT - _BOTTOM))
    line = f"line: found with {100 * POWER:.0f} %   ·   marks: effects seen here, as ratios above 1 either way"
    words = "seeds" if narrow else f"seeds   ·   {line}"
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
    seen = "; ".join(f"{each.label} {numbers.effect(each.estimate.effect)}" for each in analysis.tips[:_TOLD])
    return (
        f"Found with {100 * POWER:.0f} % by that many seeds: {line}. Seen with {count(analysis.seeds, 'seed')}: {seen}."
    )


def _spaced(values: Sequence[float], first: Sequence[float], apart: float) -> list[float]:
    """Those values whose labels do not meet on a logarithmic axis, those of `first` before the others."""
    chosen: list[float] = []
    for value in [*first, *values]:
        if all(abs(math.log(value / other)) >= apart for other in chosen):
            chosen.append(value)
    return sorted(chosen)
