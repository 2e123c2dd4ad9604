"""A family of paired differences to verdicts: Holm's correction over the family, then each by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.common.metrics import Goal
from dcgan.statistics import paired, power
from dcgan.statistics.paired import Paired, Verdict


@dataclass(frozen=True)
class Rules:
    """What verdicts are given by; `margin` is in the metric's units."""

    margin: float | None
    goal: Goal
    alpha: float


@dataclass(frozen=True)
class Judgement:
    """What one difference of a family comes to; `level` is the one that Holm's procedure holds it to."""

    p_adjusted: float | None
    level: float
    verdict: Verdict
    seeds_needed: int | None
    within_margin: bool


def judge(family: Sequence[Paired], rules: Rules, adjusted: Sequence[float | None] | None = None) -> list[Judgement]:
    """The judgement of each, corrected for all of them: by Holm's procedure, or as `adjusted` already."""
    p = [each.p for each in family]
    adjusted = paired.holm(p) if adjusted is None else adjusted
    levels = paired.holm_levels(p, adjusted, rules.alpha)
    return [_judgement(each, q, level, rules) for each, q, level in zip(family, adjusted, levels, strict=True)]


def _judgement(pairs: Paired, p_adjusted: float | None, level: float, rules: Rules) -> Judgement:
    verdict = paired.verdict(
        pairs.difference,
        p_adjusted,
        pairs.equivalence,
        margin=rules.margin,
        goal=rules.goal,
        alpha=rules.alpha,
    )
    significant = verdict in ("helps", "hurts")
    return Judgement(
        p_adjusted=p_adjusted,
        level=level,
        verdict=verdict,
        seeds_needed=power.seeds_needed(
            pairs.difference,
            None if pairs.constant else pairs.sd,
            level=level,
            margin=None if significant else rules.margin,
            more_than=pairs.pairs if verdict == "inconclusive" else 1,
        ),
        within_margin=paired.within(pairs.equivalence, rules.margin),
    )


def resolvable(family: Sequence[Paired], seeds: int, alpha: float) -> float | None:
    """The true difference that so many seeds find with 80 % probability: for the typical spread of the family and
    Holm's strictest level, alpha / its size."""
    sd = power.typical_spread([(None if each.constant else each.sd, each.pairs) for each in family])
    return power.resolvable_difference(sd, seeds, alpha / max(len(family), 1))
