"""The effects of tips across studies: a row a tip, a dot a study, and the pooled effect with its interval."""

from __future__ import annotations

from dcgan.common.drawing.canvas import BAND, INK, MUTED, OPEN, Canvas, drawing
from dcgan.common.drawing.ratio_axis import label_ratios
from dcgan.comparison.several import Several
from dcgan.comparison.tips_across import TipAcross
from dcgan.report.figures.colours import COLOURS
from dcgan.report.figures.row_layout import FigureRow, draw_rows, headings, sheet_for
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.several_text import agreement


def has_pooled_forest(several: Several) -> bool:
    """Whether the studies' effects stand on one axis, and there are any."""
    effects = [effect.estimate.effect for tip in several.tips for effect in tip.effects.values()]
    return not several.unpooled and any(effect is not None for effect in effects)


@drawing
def pooled_forest(several: Several, *, narrow: bool = False) -> str:
    """Every tip: its effect in each study, the pooled one with its 95 % interval, zero and the margin."""
    first = several.first
    numbers, metric = Numbers.of(first), metric_label(first.metric)
    rows = [_row(several, tip, numbers) for tip in several.tips]
    sheet = sheet_for(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"Effects on {metric} in {len(several.analyses)} studies")
    axes, limit = draw_rows(canvas, sheet, rows, centre=0.0, margin=several.margin, write=numbers.effect)
    if several.margin and several.margin < limit:
        axes.axvspan(-several.margin, several.margin, color=BAND, linewidth=0, zorder=-2)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    if first.scale == "ratio":
        label_ratios(axes, 4 if narrow else 8)
    headings(canvas, sheet, first, "pooled [95 % interval]", "verdict")
    unit = f"{'relative ' if first.scale == 'ratio' else ''}difference in {metric}, a dot a study"
    canvas.text((sheet.left + sheet.right) / 2, sheet.height - 12, unit, MUTED, fontsize=11, ha="center")
    return canvas.svg()


def _row(several: Several, tip: TipAcross, numbers: Numbers) -> FigureRow:
    """The dots are numbered as the studies stand."""
    names = list(several.analyses)
    effects = {names.index(name) + 1: each.estimate.effect for name, each in tip.effects.items()}
    pooled = tip.pooled
    return FigureRow(
        label=tip.label,
        below="",
        dots={number: effect for number, effect in effects.items() if effect is not None},
        centre=pooled.effect if pooled else None,
        interval=pooled.interval if pooled else None,
        colour=COLOURS[tip.verdict] if tip.verdict else OPEN,
        settled=tip.verdict not in (None, "inconclusive"),
        words=f"{numbers.effect(pooled.effect)}  {numbers.effect_interval(pooled.interval)}"
        if pooled
        else "not pooled",
        verdict=tip.verdict or "",
        so=agreement(several, tip)[0],
        dot="study",
    )
