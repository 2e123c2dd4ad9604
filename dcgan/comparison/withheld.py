"""Comparisons of a study that is still running: shown as far as they are, without a verdict.

Who looks again and again and stops at a verdict finds too much, so a live report gives none before all runs are in.
"""

from __future__ import annotations

from dataclasses import replace

from dcgan.comparison.comparisons import ArmSummary, Comparison
from dcgan.statistics.effects import EffectEstimate, Effects
from dcgan.statistics.verdicts import Estimate, Judgement

WITHHELD = "; no verdict before all are in"
_OPEN = Judgement(verdict="inconclusive", seeds_needed=None, within_margin=False)


def withheld(comparison: Comparison, baseline: ArmSummary) -> Comparison:
    """The comparison, without a verdict as long as one of its runs is to come."""
    both = comparison.arm, baseline
    if not any(arm.unfinished for arm in both):
        return comparison
    planned = max(len(arm.ended) + arm.unfinished for arm in both)
    return replace(
        comparison, estimate=_without_p(comparison.estimate, comparison.paired.pairs, planned), judgement=_OPEN
    )


def effects_withheld(effects: Effects) -> Effects:
    """The effects of a design, each without a verdict as long as one of its runs is to come."""
    return replace(
        effects,
        mains=tuple(_effect(each) for each in effects.mains),
        interactions=tuple(
            replace(
                each,
                estimate=_effect(each.estimate),
                near=each.near and _effect(each.near),
                far=each.far and _effect(each.far),
            )
            for each in effects.interactions
        ),
    )


def _effect(each: EffectEstimate) -> EffectEstimate:
    if not each.waiting:
        return each
    planned = each.paired.pairs + each.lost + each.waiting
    return replace(each, estimate=_without_p(each.estimate, each.paired.pairs, planned), judgement=_OPEN)


def _without_p(estimate: Estimate, pairs: int, planned: int) -> Estimate:
    reason = f"{pairs} of {planned} seeds so far{WITHHELD}"
    return replace(estimate, p=None, p_adjusted=None, direction=None, reason=reason)
