"""The metric against the images seen: one small panel an arm, with the baseline behind it."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from dcgan.common.drawing.canvas import FAINT, INK, LINE, MUTED, NARROW, WIDE, Canvas, drawing
from dcgan.common.formatting import cut
from dcgan.report.analysis import Analysis
from dcgan.report.figures.colours import COLOURS
from dcgan.report.text.numbers import metric_label

_LOGARITHMIC = 12.0  # a range of values from which a logarithmic axis shows more
_GAP, _EDGE, _HEAD, _PANEL = 18.0, 44.0, 26.0, 118.0


@drawing
def curves(analysis: Analysis, *, narrow: bool = False) -> str:
    """Thin lines are seeds, the thick one their mean, the grey one the baseline's mean. Needs `results.curves`."""
    frame = _frame(analysis)
    if frame is None:
        raise ValueError("these results have no curves")
    arms = [arm.arm for arm in analysis.arms if (frame["arm"] == arm.arm).any()]
    columns = 2 if narrow else 4
    width = NARROW if narrow else WIDE
    rows = math.ceil(len(arms) / columns)
    panel = (width - _EDGE - 12.0 - (columns - 1) * _GAP) / columns
    height = rows * (_HEAD + _PANEL + 22.0) + 30.0
    metric = metric_label(analysis.metric)
    told = "Thin lines are seeds, the thick one their mean, the grey one the mean of the baseline"
    canvas = Canvas(
        width, height, f"{metric} against images seen, one panel an arm", f"{told}, {analysis.baseline.arm}."
    )
    verdicts = {comparison.arm.arm: comparison.verdict for comparison in analysis.comparisons}
    reference = _mean(frame[frame["arm"] == analysis.baseline.arm], analysis.metric)
    limits = (float(frame[analysis.metric].min()), float(frame[analysis.metric].max()))
    for index, arm in enumerate(arms):
        row, column = divmod(index, columns)
        left = _EDGE + column * (panel + _GAP)
        top = row * (_HEAD + _PANEL + 22.0) + _HEAD
        axes = canvas.axes(left, top, panel, _PANEL)
        _scale(axes, limits, float(frame["images"].max()), first=column == 0)
        colour = COLOURS[verdicts[arm]] if verdicts.get(arm) in ("helps", "hurts") else INK
        axes.plot(reference.index, reference.to_numpy(), color=LINE, linewidth=2.5, solid_capstyle="round")
        _lines(axes, frame[frame["arm"] == arm], analysis.metric, colour)
        weight = "bold" if arm == analysis.baseline.arm else "normal"
        canvas.text(left, top - 12, cut(arm, int(panel / 7.2)), fontsize=12, ha="left", fontweight=weight)
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


def _mean(frame: pd.DataFrame, metric: str) -> pd.Series[float]:
    """The mean over seeds where all of them have a point: a mean whose members change would jump."""
    table = frame.pivot(index="images", columns="seed", values=metric).sort_index()
    return table.dropna().mean(axis=1)


def _lines(axes: Axes, frame: pd.DataFrame, metric: str, colour: str) -> None:
    for _, run in frame.sort_values("images").groupby("seed"):
        axes.plot(run["images"].to_numpy(), run[metric].to_numpy(), color=colour, linewidth=1.0, alpha=0.4)
    mean = _mean(frame, metric)
    axes.plot(mean.index, mean.to_numpy(), color=colour, linewidth=2.2, solid_capstyle="round")


def _scale(axes: Axes, limits: tuple[float, float], images: float, *, first: bool) -> None:
    """The same axes for every panel; logarithmic where the values span more than a decade or so."""
    low, high = limits
    if low > 0 and high / low > _LOGARITHMIC:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.15, high * 1.15)
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0), numticks=5))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        room = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(max(low - room, 0.0) if low >= 0 else low - room, high + room)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(0, images * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _thousands(value)))
    axes.grid(color=FAINT, linewidth=1.0)
    axes.tick_params(labelsize=10, pad=4, labelleft=first)


def _thousands(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1000 else f"{value:g}"
