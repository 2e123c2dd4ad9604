"""An effect as runs show it, by whatever method, and the verdict on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dcgan.common.metrics import Goal
from dcgan.statistics import paired, power
from dcgan.statistics.moderation import two_sided
from dcgan.statistics.paired import CONFIDENCE, EQUIVALENCE_CONFIDENCE, Interval, Paired, Verdict

Method = Literal["moderated", "paired", "unpaired", "pooled", "sequential"]


@dataclass(frozen=True)
class Rules:
    """What verdicts are given by; `margin` is on the scale of the estimates."""

    margin: float | None
    goal: Goal
    alpha: float


@dataclass(frozen=True)
class Estimate:
    """An effect on the scale of the study: differences of logarithms on the ratio scale, else in the metric's units.

    `differences`: of every seed, none where runs are not paired. `critical`: the |t| that it must exceed to be found,
    with all comparisons allowed for; `final_level`: the level that this tends to with many seeds. `prior_df`: what the
    other comparisons add to its degrees of freedom. `direction`: the probability that the true effect has the sign
    seen, by the t distribution of the estimate and a flat prior; it is not corrected for other comparisons.
    `simultaneous`: an interval that holds for all comparisons together. `reason`: why nothing can be told, else empty.
    """

    method: Method
    differences: Mapping[int, float] = field(default_factory=dict)
    effect: float | None = None
    se: float | None = None
    df: float | None = None
    prior_df: float = 0.0
    interval: Interval | None = None
    equivalence: Interval | None = None
    simultaneous: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None
    critical: float | None = None
    final_level: float | None = None
    direction: float | None = None
    reason: str = ""

    @property
    def pairs(self) -> int:
        """The number of seeds that it is of."""
        return len(self.differences)

    @property
    def sd(self) -> float | None:
        """The standard deviation of its differences that the standard error stands for."""
        return None if self.se is None else self.se * math.sqrt(max(self.pairs, 1))

    @property
    def level(self) -> float | None:
        """The two-sided level that `critical` is of its t distribution."""
        if self.critical is None or self.df is None:
            return None
        return float(two_sided(self.critical, self.df))

    def turned(self) -> Estimate:
        """The effect of the opposite change."""
        return replace(
            self,
            differences={seed: -value for seed, value in self.differences.items()},
            effect=None if self.effect is None else -self.effect,
            interval=paired.turned(self.interval),
            equivalence=paired.turned(self.equivalence),
            simultaneous=paired.turned(self.simultaneous),
        )


@dataclass(frozen=True)
class Judgement:
    """What an estimate comes to."""

    verdict: Verdict
    seeds_needed: int | None
    within_margin: bool


def judge(estimate: Estimate, rules: Rules) -> Judgement:
    """The verdict on an estimate, and how many seeds would settle it."""
    verdict = paired.verdict(
        estimate.effect,
        estimate.p_adjusted,
        estimate.equivalence,
        margin=rules.margin,
        goal=rules.goal,
        alpha=rules.alpha,
    )
    level, significant = _level_of_more(estimate), verdict in ("helps", "hurts")
    return Judgement(
        verdict=verdict,
        seeds_needed=None
        if level is None or not estimate.pairs  # nothing is known of the spread of pairs where there are none
        else power.seeds_needed(
            estimate.effect,
            estimate.sd,
            level=level,
            margin=None if significant else rules.margin,
            more_than=estimate.pairs if verdict == "inconclusive" else 1,
            prior_df=estimate.prior_df,
        ),
        within_margin=paired.within(estimate.equivalence, rules.margin),
    )


def _level_of_more(estimate: Estimate) -> float | None:
    """The level that somewhat more seeds are held to: between that of today's critical value and the final one."""
    if estimate.level is None or estimate.final_level is None:
        return None
    return math.sqrt(max(estimate.level, 1e-12) * estimate.final_level)


def of_paired(pairs: Paired, p_adjusted: float | None, level: float, bonferroni: float, method: Method) -> Estimate:
    """The estimate that plain paired differences are, held to a `level`; `bonferroni`: that of simultaneous ones."""
    n = pairs.pairs
    tested = n >= 2 and pairs.sd is not None and not pairs.constant
    df = float(n - 1) if tested else None
    se = pairs.sd / math.sqrt(n) if tested and pairs.sd is not None else None
    return Estimate(
        method=method,
        differences=pairs.differences,
        effect=pairs.difference,
        se=se,
        df=df,
        interval=pairs.interval,
        equivalence=pairs.equivalence,
        simultaneous=paired.t_interval(pairs.difference, pairs.sd if tested else None, n, 1.0 - bonferroni),
        p=pairs.p,
        p_adjusted=p_adjusted,
        critical=None if df is None else paired.t_quantile(level, df),
        final_level=level,
        direction=direction(pairs.difference, se, df),
    )


def by_student(
    method: Method,
    effect: float,
    se: float,
    df: float,
    *,
    differences: Mapping[int, float] | None = None,
    prior_df: float = 0.0,
) -> Estimate:
    """The estimate that an effect with its standard error is by Student's t, not corrected for others."""
    halves = [paired.t_quantile(1.0 - confidence, df) * se for confidence in (CONFIDENCE, EQUIVALENCE_CONFIDENCE)]
    single, equivalence = ((effect - half, effect + half) for half in halves)
    return Estimate(
        method=method,
        differences=differences or {},
        effect=effect,
        se=se,
        df=df,
        prior_df=prior_df,
        interval=single,
        equivalence=equivalence,
        p=float(two_sided(effect / se, df)),
        direction=direction(effect, se, df),
    )


def no_logarithm(method: Method, scores: Iterable[Mapping[int, float]]) -> Estimate | None:
    """The estimate of arms that cannot be compared as ratios, since one has a score at or below 0; None if they can."""
    value = min((value for of_arm in scores for value in of_arm.values()), default=1.0)
    if value > 0:
        return None
    return Estimate(
        method=method,
        reason=f"a score of {value:.4g} has no logarithm: on the ratio scale nothing can be told; compare differences "
        "with --scale difference",
    )


def direction(effect: float | None, se: float | None, df: float | None) -> float | None:
    """The probability that the true effect has the sign seen: that of Student's t on the side of 0 where it is.

    With a flat prior on the effect this is its posterior (for moderated estimates: Smyth 2004, section 3).
    """
    if effect is None or se is None or df is None or se == 0.0:
        return None
    return 1.0 - float(two_sided(effect / se, df)) / 2
