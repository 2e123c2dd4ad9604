"""Figures of an analysis, each a function to SVG: rows of intervals with every seed's dot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from matplotlib.axes import Axes

from dcgan.report.analysis import Analysis, ArmSummary, Comparison
from dcgan.report.canvas import BAND, COLOURS, FAINT, HELPS, HURTS, INK, LINE, MUTED, PAPER, Canvas, drawing
from dcgan.report.effects import Effect
from dcgan.report.effects_view import term_name
from dcgan.report.wording import Numbers, consequence, count, cut, failures, metric_label
from dcgan.statistics import Interval

WIDE, NARROW = 860.0, 380.0
_TOP, _BOTTOM = 44.0, 52.0


@dataclass(frozen=True)
class _Row:
    """One line of a figure: its words, its dots (seed -> value), its centre with an interval."""

    label: str
    below: str
    dots: Mapping[int, float]
    centre: float | None
    interval: Interval | None
    colour: str
    settled: bool
    words: str
    verdict: str
    strong: bool = False
    so: str = ""


@dataclass(frozen=True)
class _Sheet:
    """Where the parts of a figure of rows stand, in pixels."""

    narrow: bool
    rows: int
    names: int  # letters of the longest label
    letters: int  # and of the longest words beside a row
    verdict: float  # the width of the last column

    @property
    def width(self) -> float:
        return NARROW if self.narrow else WIDE

    @property
    def pitch(self) -> float:
        return 62.0 if self.narrow else 44.0

    @property
    def height(self) -> float:
        return _TOP + self.rows * self.pitch + _BOTTOM

    @property
    def left(self) -> float:
        return 12.0 if self.narrow else min(max(190.0, 7.2 * self.names + 16.0), 300.0)

    @property
    def room(self) -> int:
        """For how many letters of a label."""
        return 26 if self.narrow else max(26, int((self.left - 16.0) / 7.2))

    @property
    def right(self) -> float:
        return self.width - (12.0 if self.narrow else 28.0 + self.verdict + min(6.5 * self.letters, 260.0))

    def middle(self, row: int) -> float:
        """The height of a row's line of dots."""
        return _TOP + (row + 0.5) * self.pitch + (13.0 if self.narrow else 0.0)


def _sheet(rows: list[_Row], narrow: bool) -> _Sheet:
    """A sheet on which the words beside the rows do not meet."""
    names, letters = max(len(row.label) for row in rows), max(len(row.words) for row in rows)
    verdict = max(98.0, *(5.6 * len(cut(row.so, 26)) + 14.0 for row in rows))
    return _Sheet(narrow, len(rows), names, letters, verdict)


@drawing
def forest(analysis: Analysis, *, narrow: bool = False) -> str:
    """The paired difference of every arm to the baseline, with 95 % interval, every seed, zero and the margin."""
    numbers = Numbers.of(analysis)
    metric, baseline = metric_label(analysis.metric), analysis.baseline.arm
    rows = [_difference_row(analysis, comparison, numbers) for comparison in analysis.comparisons]
    sheet = _sheet(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"Difference in {metric} of every arm to {baseline}")
    _from_zero(canvas, sheet, rows, analysis, numbers, unit=f"difference in {metric} to {cut(baseline, 24)}")
    return canvas.svg()


@drawing
def effects(analysis: Analysis, *, narrow: bool = False) -> str:
    """Every main effect, or every factor beside two baselines, with 95 % interval, every seed, zero and the margin."""
    numbers, metric = Numbers.of(analysis), metric_label(analysis.metric)
    rows = [_effect_row(effect, numbers) for effect in analysis.effects.mains] if analysis.effects else []
    sheet = _sheet(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"Effects on {metric}")
    _from_zero(canvas, sheet, rows, analysis, numbers, unit=f"effect on {metric}")
    return canvas.svg()


@drawing
def arms(analysis: Analysis, *, narrow: bool = False) -> str:
    """The metric of every arm: every seed, the mean and its 95 % interval, with the baseline's mean as a line."""
    numbers = Numbers.of(analysis)
    metric = metric_label(analysis.metric)
    rows = [_arm_row(analysis, arm, numbers) for arm in analysis.arms]
    sheet = _sheet(rows, narrow)
    canvas = Canvas(sheet.width, sheet.height, f"{metric} of every arm")
    centre = analysis.baseline.mean if analysis.baseline.mean is not None else _middle(rows)
    axes, _ = _rows(canvas, sheet, rows, centre=centre, margin=None)
    if analysis.baseline.mean is not None:
        axes.axvline(analysis.baseline.mean, color=MUTED, linewidth=1.0, dashes=(4, 3), zorder=0)
    _headings(canvas, sheet, analysis, "mean [95 % interval]", "finished")
    _unit(canvas, sheet, metric, f"dashed: the mean of {cut(analysis.baseline.arm, 24)}")
    return canvas.svg()


def _unit(canvas: Canvas, sheet: _Sheet, *parts: str) -> None:
    """What the axis is in, and what the marks behind the rows are."""
    text = "   ·   ".join(part for part in parts if part)
    canvas.text((sheet.left + sheet.right) / 2, sheet.height - 12, text, MUTED, fontsize=11, ha="center")


def _from_zero(
    canvas: Canvas, sheet: _Sheet, rows: list[_Row], analysis: Analysis, numbers: Numbers, *, unit: str
) -> None:
    """Rows of differences around a line at 0 in the band of the margin, which the words about the axis name."""
    axes, limit = _rows(canvas, sheet, rows, centre=0.0, margin=analysis.margin)
    if analysis.margin and analysis.margin < limit:
        axes.axvspan(-analysis.margin, analysis.margin, color=BAND, linewidth=0, zorder=-2)
    axes.axvline(0.0, color=INK, linewidth=1.0, zorder=0)
    _headings(canvas, sheet, analysis, "difference [95 % interval]", "verdict")
    shaded = analysis.margin and not sheet.narrow
    _unit(canvas, sheet, unit, f"shaded: the margin of ±{numbers.plain(analysis.margin)}" if shaded else "")


def _effect_row(effect: Effect, numbers: Numbers) -> _Row:
    pairs, verdict = effect.paired, effect.judgement.verdict
    beside = effect.asked.beside
    return _Row(
        label=term_name(effect.asked.terms[0]),
        below="",
        dots=pairs.differences,
        centre=pairs.difference,
        interval=pairs.interval,
        colour=COLOURS[verdict],
        settled=verdict != "inconclusive",
        words=f"{numbers.signed(pairs.difference)}  {numbers.interval(pairs.interval)}" if pairs.pairs else "no seed",
        verdict=verdict,
        so=f"beside {beside}" if beside else "",
    )


def _difference_row(analysis: Analysis, comparison: Comparison, numbers: Numbers) -> _Row:
    pairs = comparison.paired
    words = f"{numbers.signed(pairs.difference)}  {numbers.interval(pairs.interval)}" if pairs.pairs else "no pair"
    return _Row(
        label=comparison.arm.arm,
        below=failures(comparison.arm),
        dots=pairs.differences,
        centre=pairs.difference,
        interval=pairs.interval,
        colour=COLOURS[comparison.verdict],
        settled=comparison.verdict != "inconclusive",
        words=words,
        verdict=comparison.verdict,
        so=consequence(analysis, comparison),
    )


def _arm_row(analysis: Analysis, arm: ArmSummary, numbers: Numbers) -> _Row:
    verdicts = {comparison.arm.arm: comparison.verdict for comparison in analysis.comparisons}
    words = f"{numbers.plain(arm.mean)}  {numbers.interval(arm.interval, sign=False)}" if arm.n else "no score"
    return _Row(
        label=arm.arm,
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


def _rows(
    canvas: Canvas, sheet: _Sheet, rows: list[_Row], *, centre: float, margin: float | None
) -> tuple[Axes, float]:
    """Draws the rows on common axes around `centre`; returns them and their half width in data units."""
    axes = canvas.axes(sheet.left, _TOP, sheet.right - sheet.left, sheet.rows * sheet.pitch)
    low, high = _limits(rows, centre, margin)
    axes.set(xlim=(low, high), ylim=(_TOP + sheet.rows * sheet.pitch, _TOP), yticks=[])
    axes.grid(axis="x", color=FAINT, linewidth=1.0)
    axes.locator_params(axis="x", nbins=4 if sheet.narrow else 7)
    for index, row in enumerate(rows):
        top = _TOP + index * sheet.pitch
        canvas.line((12.0, sheet.width - 12.0), (top, top), FAINT)
        _words(canvas, sheet, row, index)
        _draw(axes, canvas, row, sheet.middle(index), (low, high))
    canvas.line((12.0, sheet.width - 12.0), (sheet.height - _BOTTOM,) * 2, LINE)
    return axes, max(high - centre, centre - low)


def _words(canvas: Canvas, sheet: _Sheet, row: _Row, index: int) -> None:
    colour = row.colour if row.verdict in ("helps", "hurts", "no effect") else MUTED
    middle = sheet.middle(index)
    bold = "bold" if row.strong else "normal"
    if sheet.narrow:
        top = _TOP + index * sheet.pitch + 15
        label = cut(row.label, sheet.room) + (f"  ({row.below})" if row.below else "")
        canvas.text(12, top, cut(label, 40), fontsize=12, ha="left", fontweight=bold)
        canvas.text(sheet.width - 12, top, row.verdict, colour, fontsize=12, ha="right", fontweight="bold")
        return
    lift = 7.0 if row.below else 0.0
    canvas.text(12, middle - lift, cut(row.label, sheet.room), fontsize=12.5, ha="left", fontweight=bold)
    if row.below:
        canvas.text(12, middle + 9, f"× {cut(row.below, 34)}", HURTS, fontsize=10, ha="left")  # noqa: RUF001
    canvas.text(sheet.right + 16, middle, row.words, fontsize=12, ha="left")
    lift = 7.0 if row.so else 0.0
    canvas.text(sheet.width - 12, middle - lift, row.verdict, colour, fontsize=12, ha="right", fontweight="bold")
    if row.so:
        canvas.text(sheet.width - 12, middle + 9, cut(row.so, 26), MUTED, fontsize=10, ha="right")


def _draw(axes: Axes, canvas: Canvas, row: _Row, middle: float, limits: tuple[float, float]) -> None:
    """A row's dots beneath its interval; what lies beyond the axes is shown by an arrow at their edge."""
    low, high = limits
    for seed, value in row.dots.items():
        style: dict[str, Any] = {"color": row.colour, "alpha": 0.55, "markersize": 5.0, "markeredgewidth": 0.0}
        if low <= value <= high:
            tip = canvas.tip(f"{row.label}, seed {seed}: {value:.6g}")
            axes.plot([value], [middle + 7], "o", clip_on=False, gid=tip, **style)
    if row.interval is not None:
        left, right = max(row.interval[0], low), min(row.interval[1], high)
        if left < right:
            axes.plot([left, right], [middle - 4] * 2, color=row.colour, linewidth=2.2, solid_capstyle="round")
        for beyond, edge, arrow in ((row.interval[0] < low, low, "<"), (row.interval[1] > high, high, ">")):
            if beyond:
                axes.plot([edge], [middle - 4], arrow, color=row.colour, markersize=7, clip_on=False)
    if row.centre is not None and low <= row.centre <= high:
        face = row.colour if row.settled else PAPER
        axes.plot(
            [row.centre],
            [middle - 4],
            "D" if row.settled else "o",
            color=row.colour,
            markerfacecolor=face,
            markersize=7.5,
            markeredgewidth=1.8,
            clip_on=False,
        )


def _headings(canvas: Canvas, sheet: _Sheet, analysis: Analysis, words: str, verdict: str) -> None:
    """What the columns are, and which side of the axes is better."""
    left, right = ("better", "worse") if analysis.goal == "minimize" else ("worse", "better")
    colours = {"better": HELPS, "worse": HURTS}
    canvas.text(sheet.left, 24, f"← {left}", colours[left], fontsize=11.5, ha="left")
    canvas.text(sheet.right, 24, f"{right} →", colours[right], fontsize=11.5, ha="right")
    if not sheet.narrow:
        canvas.text(sheet.right + 16, 24, words, MUTED, fontsize=11, ha="left")
        canvas.text(sheet.width - 12, 24, verdict, MUTED, fontsize=11, ha="right")


def _limits(rows: list[_Row], centre: float, margin: float | None) -> Interval:
    """Axes that hold every interval and dot, unless one row's reach would flatten all others: then it is cut.

    A row's reach is its farthest point from the centre; none counts for more than four times the median reach.
    """
    reaches = []
    for row in rows:
        points = [*row.dots.values(), *(row.interval or ())]
        if points:
            reaches.append((min(points) - centre, max(points) - centre))
    typical = median_low(max(-low, high) for low, high in reaches) if reaches else 1.0
    most = 4 * max(typical, 1.2 * (margin or 0.0)) or abs(centre) * 0.1 or 1.0
    low = max(min((low for low, _ in reaches), default=0.0), -most)
    high = min(max((high for _, high in reaches), default=0.0), most)
    if margin:
        low, high = min(low, -1.2 * margin), max(high, 1.2 * margin)
    room = 0.05 * ((high - low) or most)
    return centre + min(low, 0.0) - room, centre + max(high, 0.0) + room


def _middle(rows: list[_Row]) -> float:
    centres = [row.centre for row in rows if row.centre is not None]
    return median_low(centres) if centres else 0.0
