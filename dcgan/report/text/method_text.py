"""How the comparisons of a report were made, in words: the scale, the test, the correction, with their sources."""

from __future__ import annotations

from typing import NamedTuple

from dcgan.common.formatting import count
from dcgan.comparison.analysis import Analysis
from dcgan.report.text.numbers import metric_label
from dcgan.statistics.effects import Effects
from dcgan.statistics.verdicts import Method


class MethodWords(NamedTuple):
    """What the documents say of differences, of single intervals, of adjusted p, and of the effects' correction."""

    difference: str
    interval: str
    adjusted: str
    effects: str


_SINGLE: dict[Method, str] = {
    "moderated": "The interval of the moderated t statistic (Smyth 2004): an arm's spread over its seeds is not taken "
    "from its own few pairs alone, but raised to what the other arms show",
    "paired": "Student's t interval of the paired differences",
    "unpaired": "Welch's interval: the runs are not paired by seed",
    "pooled": "Student's t interval with the noise of all arms of the design together",
    "sequential": "A repeated confidence interval, which holds over all looks",
}
_ADJUSTED: dict[Method, str] = {
    "moderated": "How often the largest |t| of {tests} would be as large if no arm differed from the baseline, "
    "simulated with the baseline that they share (Westfall & Young 1993, step-down)",
    "paired": "Of the paired t test, after Holm's correction for {tests}",
    "unpaired": "Of Welch's test, unpaired, after Holm's correction for {tests}",
    "pooled": "After Holm's correction for {tests}",
    "sequential": "The sequential p-value of the paired t test, after Holm's correction for {tests}",
}


def method_words(analysis: Analysis) -> MethodWords:
    """Of the method that most comparisons were made by; a sentence on any other stands beside its comparison."""
    tested = sum(each.estimate.p is not None for each in analysis.comparisons)
    logarithms = (
        "in per cent of the baseline's score: the mean over seeds of the difference of logarithms, since a distance's "
        "spread grows with its level"
        if analysis.scale == "ratio"
        else f"the mean over seeds of arm minus baseline, on the scale of {metric_label(analysis.metric)}"
    )
    paired = "Runs are paired by the table's seeds; what the two of a pair share, the table does not say"
    if analysis.method == "unpaired":
        paired = "Seeds are not paired"
    elif analysis.results.study:
        paired = "Seeds are paired: both runs of a pair share data order, initial random numbers and evaluation noise"
    return MethodWords(
        difference=f"{logarithms[0].upper()}{logarithms[1:]}. {paired}.",
        interval=f"{_SINGLE[analysis.method]}; each stands for its own comparison alone.",
        adjusted=f"{_ADJUSTED[analysis.method].format(tests=count(tested, 'comparison'))}. An interval may leave zero "
        "out while the adjusted p is not small: with many comparisons, some do so by chance.",
        effects=_effects(analysis.effects) if analysis.effects else "",
    )


def _effects(effects: Effects) -> str:
    mains, interactions = len(effects.mains), len(effects.interactions)
    if effects.two_baselines:
        how = (
            "the largest |t| of"
            if effects.mains[0].estimate.method == "moderated"
            else "each its own spread, with Holm's correction for"
        )
        return (
            f"Adjusted p: {how} {mains // 2} factors beside a baseline, doubled for the two of them; the "
            f"{interactions} disagreements are a family of their own."
        )
    more = f" and {count(interactions, 'interaction')}" if interactions else ""
    return (
        f"Adjusted p: Holm's correction for {count(mains, 'main effect')}{more} together. The noise is that of all "
        "arms (randomised blocks, Satterthwaite's degrees of freedom)."
    )
