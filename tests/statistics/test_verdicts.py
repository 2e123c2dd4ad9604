"""From an estimate to a verdict, the direction's probability and the seeds that are needed."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy import stats

from dcgan.common.metrics import Goal
from dcgan.statistics import paired, power
from dcgan.statistics.verdicts import Estimate, Rules, direction, judge, of_paired
from dcgan.statistics.welch import welch

RULES = Rules(margin=0.05, goal="minimize", alpha=0.05)
VALUES = [-0.4, -0.3, -0.35, -0.1]


def estimate(values: list[float], p_adjusted: float | None = None, level: float = 0.05) -> Estimate:
    pairs = paired.over_seeds(dict(enumerate(values)), 1.0)
    return of_paired(pairs, pairs.p if p_adjusted is None else p_adjusted, level, 0.01, "paired")


def test_plain_paired_differences_are_scipys() -> None:
    ours, theirs = estimate(VALUES), stats.ttest_1samp(VALUES, 0.0)
    assert ours.p == pytest.approx(theirs.pvalue)
    assert ours.interval == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert ours.equivalence == pytest.approx(tuple(theirs.confidence_interval(0.90)))
    assert ours.simultaneous == pytest.approx(tuple(theirs.confidence_interval(0.99)))
    assert ours.se == pytest.approx(stats.sem(VALUES))
    assert ours.sd == pytest.approx(2 * stats.sem(VALUES))
    assert ours.critical == pytest.approx(stats.t.isf(0.025, 3))
    assert (ours.df, ours.pairs) == (3.0, 4)


@pytest.mark.parametrize("level", [0.05, 0.005])
def test_the_level_is_that_of_the_critical_value(level: float) -> None:
    assert estimate(VALUES, level=level).level == pytest.approx(level, rel=1e-9)
    assert replace(estimate(VALUES), critical=None).level is None


@pytest.mark.parametrize(
    ("values", "p", "goal", "verdict"),
    [
        (VALUES, 0.01, "minimize", "helps"),
        (VALUES, 0.01, "maximize", "hurts"),
        ([-value for value in VALUES], 0.01, "minimize", "hurts"),
        ([-value for value in VALUES], 0.01, "maximize", "helps"),
        (VALUES, 0.05, "minimize", "inconclusive"),
        ([0.01, -0.01, 0.005, 0.0], 0.9, "minimize", "no effect"),
        ([0.01, -0.01, 0.005, 0.5], 0.9, "minimize", "inconclusive"),
    ],
)
def test_verdicts(values: list[float], p: float, goal: Goal, verdict: str) -> None:
    judgement = judge(estimate(values, p), replace(RULES, goal=goal))
    assert judgement.verdict == verdict
    assert judgement.within_margin == (verdict == "no effect")


def test_what_was_not_tested_is_inconclusive() -> None:
    for bare in (Estimate("paired"), Estimate("pooled", {0: 1.0}, effect=1.0), estimate([0.5])):
        judgement = judge(bare, RULES)
        assert (judgement.verdict, judgement.seeds_needed, judgement.within_margin) == ("inconclusive", None, False)
    assert judge(estimate(VALUES, 1.0), replace(RULES, margin=None)).verdict == "inconclusive"


def test_the_direction_is_the_posterior_with_a_flat_prior() -> None:
    ours = estimate(VALUES)
    assert ours.direction == pytest.approx(stats.t.cdf(abs(sum(VALUES) / 4) / stats.sem(VALUES), 3))
    assert direction(0.3, 0.2, 7.5) == direction(-0.3, 0.2, 7.5) == pytest.approx(stats.t.cdf(1.5, 7.5))
    assert direction(0.3, 0.2, math.inf) == pytest.approx(stats.norm.cdf(1.5), rel=1e-5)
    assert direction(0.0, 0.2, 4.0) == pytest.approx(0.5)
    for unknown in ((None, 0.2, 4.0), (0.3, None, 4.0), (0.3, 0.2, None), (0.3, 0.0, 4.0)):
        assert direction(*unknown) is None


def test_seeds_needed_are_those_of_the_power() -> None:
    open_ = estimate([-0.3, 0.1, -0.2, 0.05], 0.4)
    needed = judge(open_, RULES).seeds_needed
    assert open_.effect is not None and open_.sd is not None and needed is not None
    share = open_.effect / open_.sd
    assert power.power_of_difference(share, needed, 0.05) >= 0.8 > power.power_of_difference(share, needed - 1, 0.05)
    assert needed > 4
    borrowed = judge(replace(open_, prior_df=6.0, df=9.0, critical=stats.t.isf(0.025, 9)), RULES).seeds_needed
    assert borrowed is not None and borrowed <= needed


def test_seeds_needed_are_not_told_where_nothing_is_paired() -> None:
    """The spread of pairs is not known there, and the standard error is not that of one pair."""
    unpaired = replace(welch({0: 1.0, 1: 1.4, 2: 0.9}, {7: 1.1, 8: 1.3, 9: 1.7}), critical=3.0)
    assert unpaired.level is not None
    assert judge(unpaired, RULES).seeds_needed is None
