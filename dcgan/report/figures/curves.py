"""The metric against the images seen: one small panel an arm, with the baseline behind it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from dcgan.common.drawing.canvas import FAINT, INK, LINE, MUTED, NARROW, WIDE, Canvas, drawing
from dcgan.common.drawing.seed_marks import MOST_DOTS
from dcgan.common.formatting import cut
from dcgan.comparison.analysis import Analysis, arm_label, in_order
from dcgan.report.figures.colours import COLOURS
from dcgan.report.text.numbers import metric_label

_LOGARITHMIC = 12.0  # a range of values from which a logarithmic axis shows more
_GAP, _EDGE, _HEAD, _PANEL, _FOOT = 18.0, 44.0, 26.0, 118.0, 22.0

Points = NDArray[np.float64]


@drawing
def curves(analysis: Analysis, *, narrow: bool = False) -> str:
    """Thin lines are seeds (of more than 50 a band), the thick one their mean, the grey one the baseline's mean.

    Needs `results.curves`.
    """
    frame = _frame(analysis)
    if frame is None:
        raise ValueError("these results have no curves")
    arms = [arm.arm for arm in in_order(analysis) if (frame["arm"] == arm.arm).any()]
    columns = 2 if narrow else 4
    width = NARROW if narrow else WIDE
    rows = math.ceil(len(arms) / columns)
    panel = (width - _EDGE - 12.0 - (columns - 1) * _GAP) / columns
    height = rows * (_HEAD + _PANEL + _FOOT) + 30.0
    metric = metric_label(analysis.metric)
    told = "Thin lines are seeds, the thick one their mean, the grey one the mean of the baseline"
    canvas = Canvas(
        width, height, f"{metric} against images seen, one panel an arm", f"{told}, {analysis.baseline.arm}."
    )
    first = canvas.axes(_EDGE, _HEAD, panel, _PANEL)  # what all panels are measured by; nothing is drawn on it
    _scale(first, (frame[analysis.metric].min(), frame[analysis.metric].max()), float(frame["images"].max()))
    sheet = canvas.axes(0, 0, width, height, xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    places = {}
    for index, arm in enumerate(arms):
        row, column = divmod(index, columns)
        places[arm] = np.array([column * (panel + _GAP), row * (_HEAD + _PANEL + _FOOT)])
    _grid(canvas, sheet, first, list(places.values()))
    verdicts = {comparison.arm.arm: comparison.verdict for comparison in analysis.comparisons}
    by_arm = dict(iter(frame.groupby("arm")))
    reference = _mean(by_arm[analysis.baseline.arm], analysis.metric) if analysis.baseline.arm in by_arm else None
    for arm, place in places.items():
        on_panel = partial(_pixels, canvas, first, place)
        colour = COLOURS[verdicts[arm]] if verdicts.get(arm) in ("helps", "hurts") else INK
        if reference is not None:
            sheet.plot(*on_panel(reference), color=LINE, linewidth=2.5, solid_capstyle="round")
        _lines(sheet, on_panel, by_arm[arm], analysis.metric, colour)
        weight = "bold" if arm == analysis.baseline.arm else "normal"
        left, top = place.tolist()
        canvas.text(
            left + _EDGE,
            top + _HEAD - 12,
            cut(arm_label(analysis, arm), int(panel / 7.2)),
            fontsize=12,
            ha="left",
            fontweight=weight,
        )
    canvas.text((_EDGE + width - 12) / 2, height - 12, "images seen", MUTED, fontsize=11, ha="center")
    return canvas.svg()


def has_curves(analysis: Analysis) -> bool:
    """Whether there is anything to draw for the metric."""
    return _frame(analysis) is not None


def _frame(analysis: Analysis) -> pd.DataFrame | None:
    frame = analysis.results.curves
    if frame is None or analysis.metric not in frame:
        return None
    frame = frame[frame[analysis.metric].notna()]
    return frame if len(frame) else None


def _mean(frame: pd.DataFrame, metric: str) -> Points:
    """[points, 2], the mean over seeds where all of them have a point: a mean whose members change would jump."""
    table = frame.pivot(index="images", columns="seed", values=metric).sort_index().dropna()
    return np.column_stack([table.index.to_numpy(float), table.mean(axis=1).to_numpy(float)])


def _pixels(canvas: Canvas, first: Axes, place: Points, points: Points) -> Points:
    """[2, points], images and metric as pixels of the sheet, on the panel that stands so far from the first."""
    across, up = first.transData.transform(points.reshape(-1, 2)).T
    return np.stack([across + place[0], canvas.height - up + place[1]])


def _lines(sheet: Axes, on_panel: Callable[[Points], Points], frame: pd.DataFrame, metric: str, colour: str) -> None:
    """Every seed as a thin line, of many the band that holds nine of ten, and the mean."""
    if frame["seed"].nunique() > MOST_DOTS:
        spread = frame.groupby("images")[metric].quantile(np.array([0.05, 0.95])).unstack()
        images = spread.index.to_numpy(float)
        low, high = (on_panel(np.column_stack([images, spread[share].to_numpy()])) for share in (0.05, 0.95))
        sheet.fill_between(low[0], low[1], high[1], color=colour, alpha=0.2, linewidth=0)
    else:
        points = frame.sort_values(["seed", "images"])
        ends = np.flatnonzero(np.diff(points["seed"].to_numpy())) + 1
        joined = np.insert(points[["images", metric]].to_numpy(float), ends, np.nan, axis=0)  # a gap between two seeds
        sheet.plot(*on_panel(joined), color=colour, linewidth=1.0, alpha=0.4)
    sheet.plot(*on_panel(_mean(frame, metric)), color=colour, linewidth=2.2, solid_capstyle="round")


def _scale(axes: Axes, limits: tuple[float, float], images: float) -> None:
    """The axes of every panel; logarithmic where the values span more than a decade or so."""
    low, high = limits
    if low > 0 and high / low > _LOGARITHMIC:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.15, high * 1.15)
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0), numticks=5))
    else:
        room = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(max(low - room, 0.0) if low >= 0 else low - room, high + room)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlim(0, images * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.set_visible(False)


def _grid(canvas: Canvas, sheet: Axes, first: Axes, places: list[Points]) -> None:
    """The grid and the numbers of all panels: the same in each, those of the metric only where a row begins."""
    (left, right), (low, high) = first.get_xlim(), first.get_ylim()
    across = [tick for tick in first.get_xticks() if left <= tick <= right]
    upright = [tick for tick in first.get_yticks() if low <= tick <= high]
    lines = [[(tick, low), (tick, high)] for tick in across] + [[(left, tick), (right, tick)] for tick in upright]
    grid = [_pixels(canvas, first, place, np.array(line)).T for place in places for line in lines]
    sheet.add_collection(LineCollection(grid, colors=FAINT, linewidths=1.0, zorder=0))
    for place in places:
        for tick in across:
            x, y = _pixels(canvas, first, place, np.array([tick, low]))[:, 0]
            canvas.text(x, y + 10, _thousands(tick), MUTED, fontsize=10, ha="center")
        for tick in upright if place[0] == 0 else ():
            x, y = _pixels(canvas, first, place, np.array([left, tick]))[:, 0]
            canvas.text(x - 5, y, f"{tick:g}", MUTED, fontsize=10, ha="right")


def _thousands(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1000 else f"{value:g}"
