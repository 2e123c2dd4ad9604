"""An axis of differences of logarithms, labelled in per cent and factors."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from dcgan.common.formatting import ratio_text

# Ratios that are round in per cent or as factors, the same on either side of 1.
_ABOVE = (1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0)
_BELOW = (0.99, 0.98, 0.95, 0.9, 0.8, 0.65, 0.5, 0.35, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001)


def label_ratios(axes: Axes, most: int, *, upright: bool = False) -> None:
    """Puts at most `most` ticks at round ratios within the limits that the axis, or the upright one, has."""
    axis, ends = (axes.yaxis, axes.get_ylim()) if upright else (axes.xaxis, axes.get_xlim())
    low, high = sorted(ends)  # an axis may run from right to left
    axis.set_major_locator(FixedLocator(ticks(low, high, most)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: "0 %" if value == 0 else _label(value)))


def ticks(low: float, high: float, most: int) -> list[float]:
    """Logarithms of round ratios from `low` to `high`, at most `most` and not nearer than a share of the range.

    0 comes first, then those farthest out, so that both ends are named.
    """
    inside = [math.log(ratio) for ratio in (*_ABOVE, *_BELOW) if low <= math.log(ratio) <= high]
    apart = (high - low) / max(most, 1)
    chosen = [0.0] if low <= 0.0 <= high else []
    for value in sorted(inside, key=abs, reverse=True):
        if all(abs(value - other) >= apart for other in chosen):
            chosen.append(value)
    return sorted(chosen)


def _label(value: float) -> str:
    """`+20 %`: round ratios need no decimals."""
    text = ratio_text(value)
    return text.replace(".0", "")
