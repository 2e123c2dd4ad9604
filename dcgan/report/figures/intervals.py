"""Figures of an analysis, each a function to SVG: rows of intervals with every seed's dot."""

from __future__ import annotations

from dataclasses import replace
from statistics import median_low

from dcgan.common.drawing.canvas import BAND, INK, MUTED, Canvas, drawing
from dcgan.common.drawing.ratio_axis import label_ratios
from dcgan.common.formatting import count, cut
from dcgan.common.metrics import lowest, within
from dcgan.comparison.analysis import Analysis, arm_label, in_order, ordered_mains
from dcgan.comparison.comparisons import ArmSummary
from dcgan.comparison.tip_effects import TipEffect
from dcgan.report.figures.colours import COLOURS
from dcgan.report.figures.row_layout import FigureRow, Sheet, draw_rows, headings, sheet_for
from dcgan.report.text import sentences
from dcgan.report.text.effects_text import caution, term_name
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.sentences import failures, margin_words
from dcgan.statistics.effects import EffectEstimate
from dcgan.statistics.verdicts import Estimate


@drawing
def forest(analysis: Analysis, *, narrow: bool = False) -> str:
    """The effect of every tip, the most helpful first, with its 95 % interval, every seed, zero and the margin."""
    numbers, metric, noun = Numbers.of(analysis), metric_label(analysis.metric), sentences.noun(analysis)
    rows = [_tip_row(analysis, tip, numbers) for tip in analysis.tips]
    sheet = sheet_for(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"Effect of every {noun} on {metric}")
    relative = "relative difference" if analysis.scale == "ratio" else "difference"
    unit = f"{relative} in {metric} {sentences.against_words(analysis)}"
    _from_zero(canvas, sheet, rows, analysis, numbers, unit=unit)
    return canvas.svg()


@drawing
def effects(analysis: Analysis, *, narrow: bool = False) -> str:
    """Every main effect, or every factor beside two baselines, with 95 % interval, every seed, zero and the margin."""
    numbers, metric = Numbers.of(analysis), metric_label(analysis.metric)
    rows = [_effect_row(estimate, numbers) for estimate in ordered_mains(analysis)]
    sheet = sheet_for(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"Effects on {metric}")
    _from_zero(canvas, sheet, rows, analysis, numbers, unit=f"effect on {metric}")
    return canvas.svg()


@drawing
def arms(analysis: Analysis, *, narrow: bool = False) -> str:
    """The metric of every arm: every seed, the mean and its 95 % interval, with the baseline's mean as a line."""
    numbers = Numbers.of(analysis)
    metric = metric_label(analysis.metric)
    rows = [_arm_row(analysis, arm, numbers) for arm in in_order(analysis)]
    sheet = sheet_for(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"{metric} of every arm")
    centre = analysis.baseline.mean if analysis.baseline.mean is not None else _middle(rows)
    floor = lowest(analysis.metric)
    axes, _ = draw_rows(canvas, sheet, rows, centre=centre, margin=None, write=numbers.plain, floor=floor)
    if analysis.baseline.mean is not None:
        axes.axvline(analysis.baseline.mean, color=MUTED, linewidth=1.0, dashes=(4, 3), zorder=0)
    headings(canvas, sheet, analysis, "mean [95 % interval]", "finished")
    _unit(canvas, sheet, metric, f"dashed: the mean of {cut(analysis.baseline.arm, 24)}")
    return canvas.svg()


def _unit(canvas: Canvas, sheet: Sheet, *parts: str) -> None:
    """What the axis is in, and what the marks behind the rows are."""
    text = "   ·   ".join(part for part in parts if part)
    canvas.text((sheet.left + sheet.right) / 2, sheet.height - 12, text, MUTED, fontsize=11, ha="center")


def _from_zero(
    canvas: Canvas, sheet: Sheet, rows: list[FigureRow], analysis: Analysis, numbers: Numbers, *, unit: str
) -> None:
    """Rows of differences around a line at 0 in the band of the margin, which the words about the axis name.

    What helps is at the left, also where a higher score is better.
    """
    sheet = replace(sheet, mirrored=analysis.goal == "maximize")
    axes, limit = draw_rows(canvas, sheet, rows, centre=0.0, margin=analysis.margin, write=numbers.effect)
    if analysis.margin and analysis.margin < limit:
        axes.axvspan(-analysis.margin, analysis.margin, color=BAND, linewidth=0, zorder=-2)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    if analysis.scale == "ratio":
        label_ratios(axes, 4 if sheet.narrow else 9)
    headings(canvas, sheet, analysis, "difference [95 % interval]", "verdict")
    shaded = analysis.margin and not sheet.narrow
    _unit(canvas, sheet, unit, f"shaded: the margin of ±{margin_words(analysis, numbers)}" if shaded else "")


def _effect_row(estimate: EffectEstimate, numbers: Numbers) -> FigureRow:
    measured, verdict = estimate.estimate, estimate.judgement.verdict
    beside = estimate.effect.beside
    return FigureRow(
        label=term_name(estimate.effect.terms[0]),
        below="",
        dots=measured.differences,
        centre=measured.effect,
        interval=measured.interval,
        colour=COLOURS[verdict],
        settled=verdict != "inconclusive",
        words=_words(estimate.estimate, numbers) or "no seed",
        verdict=verdict,
        so=f"beside {beside}" if beside else _short_caution(estimate),
    )


def _words(estimate: Estimate, numbers: Numbers) -> str:
    """The effect with its interval; empty where there is none."""
    if estimate.effect is None:
        return ""
    return f"{numbers.effect(estimate.effect)}  {numbers.effect_interval(estimate.interval)}"


def _short_caution(estimate: EffectEstimate) -> str:
    return "mixed with interactions" if caution(estimate) else ""


def _tip_row(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> FigureRow:
    estimate = tip.estimate
    return FigureRow(
        label=tip.label,
        below=failures(tip.comparison.arm),
        dots=estimate.differences,
        centre=estimate.effect,
        interval=estimate.interval,
        colour=COLOURS[tip.verdict],
        settled=tip.verdict != "inconclusive",
        words=_words(estimate, numbers) or "no pair",
        verdict=tip.verdict,
        so=sentences.lean(analysis, tip),
    )


def _arm_row(analysis: Analysis, arm: ArmSummary, numbers: Numbers) -> FigureRow:
    verdicts = {comparison.arm.arm: comparison.verdict for comparison in analysis.comparisons}
    interval = arm.interval and within(arm.interval, analysis.metric)
    words = f"{numbers.plain(arm.mean)}  {numbers.interval(interval, sign=False)}" if arm.n else "no score"
    return FigureRow(
        label=arm_label(analysis, arm.arm),
        below=failures(arm),
        dots=arm.scores,
        centre=arm.mean,
        interval=arm.interval,
        colour=COLOURS[verdicts[arm.arm]] if arm.arm in verdicts else INK,
        settled=True,
        words=words,
        verdict=count(arm.n, "run"),
        strong=arm is analysis.baseline,
    )


def _middle(rows: list[FigureRow]) -> float:
    centres = [row.centre for row in rows if row.centre is not None]
    return median_low(centres) if centres else 0.0
