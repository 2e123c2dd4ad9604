"""The half-normal plot of an orthogonal design's effects: those of chance lie on a line through 0."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from dcgan.common.drawing.canvas import FAINT, INK, MUTED, NARROW, WIDE, Canvas, drawing
from dcgan.common.drawing.ratio_axis import label_ratios
from dcgan.common.drawing.svg import Mark
from dcgan.common.formatting import cut
from dcgan.comparison.analysis import Analysis
from dcgan.report.figures.colours import COLOURS
from dcgan.report.text.effects_text import effect_name
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.effects import EffectEstimate

_HEIGHT = 340.0
_TOLD = 20  # effects that the description has
_NAMED = 6  # the largest effects have their names beside them


def has_half_normal(analysis: Analysis) -> bool:
    """Whether there are effects of an orthogonal design to plot: three or more."""
    return analysis.effects is not None and not analysis.effects.two_baselines and len(_points(analysis)) > 2


@drawing
def half_normal(analysis: Analysis, *, narrow: bool = False) -> str:
    """Sizes of main effects and interactions against half-normal quantiles (Daniel 1959, Technometrics 1, 311), with
    the line that effects of chance alone would lie on, by the standard error of the effects."""
    numbers, points = Numbers.of(analysis), _points(analysis)
    width = NARROW if narrow else WIDE
    told = "; ".join(f"{effect_name(estimate)}: {numbers.effect(effect)}" for effect, estimate in points[::-1][:_TOLD])
    title = f"Sizes of the effects on {metric_label(analysis.metric)}, half-normal plot"
    canvas = Canvas(width, _HEIGHT, title, f"The largest effects, the first the farthest out: {told}.")
    axes = canvas.axes(64.0, 20.0, width - 64.0 - (16.0 if narrow else 200.0), _HEIGHT - 76.0)
    ranks = (np.arange(1, len(points) + 1) - 0.5) / len(points)
    quantiles = ndtri(0.5 + ranks / 2)
    sizes = [abs(effect) for effect, _ in points]
    errors = [estimate.estimate.se for _, estimate in points if estimate.estimate.se]
    axes.set(xlim=(0.0, 1.08 * quantiles[-1]), ylim=(0.0, 1.1 * max(*sizes, 1e-12)))
    axes.grid(color=FAINT, linewidth=1.0)
    if errors:
        slope = float(np.median(errors))
        axes.plot([0.0, quantiles[-1]], [0.0, slope * quantiles[-1]], color=MUTED, linewidth=1.2, dashes=(4, 3))
    for index, ((effect, estimate), quantile) in enumerate(zip(points, quantiles, strict=True)):
        verdict = estimate.judgement.verdict
        tip = f"{effect_name(estimate)}: {numbers.effect(effect)}"
        canvas.marks(axes, [Mark(float(quantile), abs(effect), tip)], COLOURS[verdict], 3.3)
        if index >= len(points) - _NAMED:
            place = (-7, 0) if narrow else (8, 0)
            axes.annotate(
                cut(effect_name(estimate), 24),
                (quantile, abs(effect)),
                place,
                textcoords="offset points",
                va="center",
                ha="right" if narrow else "left",
                fontsize=11,
                color=INK,
                annotation_clip=False,
                parse_math=False,
            )
    if analysis.scale == "ratio":
        label_ratios(axes, 6, upright=True)
    else:
        axes.yaxis.set_major_formatter(lambda value, _: numbers.signed(value).removeprefix("+") if value else "0")
    canvas.text(64.0, _HEIGHT - 14.0, "half-normal quantile   ·   dashed: effects of chance alone", MUTED, fontsize=11)
    return canvas.svg()


def _points(analysis: Analysis) -> list[tuple[float, EffectEstimate]]:
    """The effects that could be estimated, the smallest first."""
    if analysis.effects is None:
        return []
    every = [*analysis.effects.mains, *(each.estimate for each in analysis.effects.interactions)]
    known = [(each.estimate.effect, each) for each in every if each.estimate.effect is not None]
    return sorted(known, key=lambda point: abs(point[0]))
