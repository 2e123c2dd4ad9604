"""The numbers against independent references, by simulation and exhaustively."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import integrate, stats

from dcgan.report import statistics
from dcgan.report.statistics import Goal, Interval, Verdict

scores = some.lists(some.floats(1, 1000), min_size=2, max_size=8)


def by_seed(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values))


@given(scores)
def test_the_paired_test_and_interval_are_scipys(values: list[float]) -> None:
    rng = np.random.default_rng(len(values))
    arm = [value + float(rng.normal()) for value in values]
    ours = statistics.paired(by_seed(arm), by_seed(values))
    theirs = stats.ttest_rel(arm, values)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6)
    assert ours.interval == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-6, abs=1e-9)
    assert ours.equivalence == pytest.approx(tuple(theirs.confidence_interval(0.90)), rel=1e-6, abs=1e-9)


@given(scores, some.floats(-50, 50))
def test_shifting_both_arms_leaves_the_difference(values: list[float], shift: float) -> None:
    arm = [value * 1.1 + index for index, value in enumerate(values)]
    here = statistics.paired(by_seed(arm), by_seed(values))
    there = statistics.paired(by_seed([a + shift for a in arm]), by_seed([v + shift for v in values]))
    assert here.difference == pytest.approx(there.difference, abs=1e-9)
    assert here.sd == pytest.approx(there.sd, abs=1e-9)


@given(scores)
def test_swapping_the_arms_turns_the_sign_and_nothing_else(values: list[float]) -> None:
    arm = [value + index * 0.7 for index, value in enumerate(values)]
    here, there = statistics.paired(by_seed(arm), by_seed(values)), statistics.paired(by_seed(values), by_seed(arm))
    assert here.difference is not None and there.difference is not None
    assert here.difference == pytest.approx(-there.difference)
    assert here.p == pytest.approx(there.p)


def test_only_seeds_that_both_finished_are_paired() -> None:
    pairs = statistics.paired({0: 1.0, 1: 5.0, 7: 3.0}, {7: 1.0, 0: 0.5, 2: 9.0})
    assert pairs.differences == {0: 0.5, 7: 2.0}
    assert pairs.pairs == 2


def test_one_pair_shows_a_difference_and_nothing_more() -> None:
    pairs = statistics.paired({0: 3.0}, {0: 5.0})
    assert pairs.difference == -2.0
    assert (pairs.sd, pairs.interval, pairs.equivalence, pairs.p) == (None, None, None, None)


def test_no_pair_shows_nothing() -> None:
    pairs = statistics.paired({0: 3.0}, {1: 5.0})
    assert (pairs.pairs, pairs.difference, pairs.interval, pairs.p) == (0, None, None, None)


@pytest.mark.parametrize(("shift", "p"), [(0.0, 1.0), (0.1, 0.0)])
def test_runs_that_differ_by_exactly_the_same_amount_give_the_limit_without_a_warning(shift: float, p: float) -> None:
    values = {0: 1000.1, 1: 20.3, 2: 30.7}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs = statistics.paired({seed: value + shift for seed, value in values.items()}, values)
    assert pairs.sd == 0.0
    assert pairs.p == p
    assert pairs.interval == pytest.approx((shift, shift))


def test_the_interval_covers_what_it_says_with_three_seeds() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(2000):
        base = rng.normal(30, 5, 3)
        arm = base + rng.normal(1.0, 2.0, 3)
        interval = statistics.paired(by_seed(arm.tolist()), by_seed(base.tolist())).interval
        assert interval is not None
        hits += interval[0] <= 1.0 <= interval[1]
    assert 0.935 < hits / 2000 < 0.965


def holm_by_hand(p: list[float]) -> list[float]:
    order = sorted(range(len(p)), key=lambda index: p[index])
    adjusted, worst = [0.0] * len(p), 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = worst
    return adjusted


@settings(max_examples=25, deadline=None)  # statsmodels collects garbage at every call
@given(some.lists(some.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_holms(p: list[float]) -> None:
    assert statistics.holm(p) == pytest.approx(holm_by_hand(p))


def test_holm_counts_only_what_was_tested() -> None:
    assert statistics.holm([None, 0.01, None, 0.04]) == [None, pytest.approx(0.02), None, pytest.approx(0.04)]
    assert statistics.holm([None, None]) == [None, None]


def test_the_levels_are_those_that_holms_procedure_compares_with() -> None:
    p = [0.001, 0.012, 0.3, None, 0.02]
    # 0.001 < .05/4, 0.012 < .05/3, 0.02 < .05/2 are rejected, 0.3 is held to .05/1.
    assert statistics.holm_levels(p, statistics.holm(p), 0.05) == pytest.approx(
        [0.05 / 4, 0.05 / 3, 0.05, 0.05, 0.05 / 2]
    )
    assert statistics.holm_levels([0.04, 0.5], [0.08, 0.5], 0.05) == pytest.approx([0.025, 0.025])


@settings(max_examples=25, deadline=None)  # statsmodels collects garbage at every call
@given(some.lists(some.floats(0, 1), min_size=1, max_size=10))
def test_a_comparison_is_rejected_exactly_if_its_p_is_below_its_level(p: list[float]) -> None:
    holm = statistics.holm(p)
    for value, adjusted, level in zip(p, holm, statistics.holm_levels(p, holm, 0.05), strict=True):
        assert adjusted is not None
        if abs(adjusted - 0.05) > 1e-9 and p.count(value) == 1:
            assert (adjusted < 0.05) == (value < level)


P = {"small": 0.01, "large": 0.5, "none": None}
INSIDE: dict[str, Interval | None] = {"inside": (-0.5, 0.9), "outside": (-0.5, 1.1), "none": None}


@pytest.mark.parametrize(
    ("p", "interval", "difference", "goal"),
    list(itertools.product(P, INSIDE, [-0.2, 0.3], ["minimize", "maximize"])),
)
def test_every_verdict(p: str, interval: str, difference: float, goal: Goal) -> None:
    expected: Verdict = "inconclusive"
    if p == "small":
        expected = "helps" if (difference < 0) == (goal == "minimize") else "hurts"
    elif interval == "inside":
        expected = "no effect"
    assert statistics.verdict(difference, P[p], INSIDE[interval], margin=1.0, goal=goal, alpha=0.05) == expected


def test_without_a_margin_nothing_has_no_effect() -> None:
    assert statistics.verdict(0.0, 0.9, (-0.1, 0.1), margin=None, goal="minimize", alpha=0.05) == "inconclusive"


@given(scores)
def test_no_effect_is_what_two_one_sided_tests_say(values: list[float]) -> None:
    rng = np.random.default_rng(int(values[0] * 1000))
    arm = [value + float(rng.normal(0, 0.6)) for value in values]
    margin = 1.0
    pairs = statistics.paired(by_seed(arm), by_seed(values))
    shifted = np.subtract(arm, values)
    above = stats.ttest_1samp(shifted, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(shifted, margin, alternative="less").pvalue
    if abs(max(above, below) - 0.05) > 1e-6:
        assert statistics.within(pairs.equivalence, margin) == (max(above, below) < 0.05)


def power_by_integration(effect: float, n: int, alpha: float) -> float:
    """E over the sample's spread of the normal probability that t is beyond its critical values."""
    nu, critical, shift = n - 1, stats.t.isf(alpha / 2, n - 1), effect * math.sqrt(n)

    def beyond(q: float) -> float:
        spread = math.sqrt(stats.chi2.ppf(q, nu) / nu)
        return float(stats.norm.cdf(shift - critical * spread) + stats.norm.cdf(-shift - critical * spread))

    return float(integrate.quad(beyond, 0, 1, limit=200)[0])


@pytest.mark.parametrize(
    ("effect", "n", "alpha"), [(0.8, 5, 0.05), (3.0, 3, 0.005), (10.0, 3, 0.0005), (1.0, 20, 0.01)]
)
def test_the_power_is_the_integral(effect: float, n: int, alpha: float) -> None:
    assert statistics.power_of_difference(effect, n, alpha) == pytest.approx(
        power_by_integration(effect, n, alpha), abs=2e-4
    )


def test_the_power_of_equivalence_is_never_overstated() -> None:
    rng = np.random.default_rng(3)
    samples = rng.normal(0.1, 1.0, (4000, 12))
    half = stats.t.isf(0.05, 11) * samples.std(axis=1, ddof=1) / math.sqrt(12)
    inside = (abs(samples.mean(axis=1)) + half < 0.9).mean()
    ours = statistics.power_of_equivalence(0.1, 0.9, 12)
    assert inside - 0.03 < ours <= inside + 0.02


@settings(max_examples=40, deadline=None)
@given(some.floats(0.1, 4), some.floats(0.05, 2), some.floats(0.001, 0.05))
def test_the_seeds_needed_are_the_fewest_with_enough_power(difference: float, sd: float, level: float) -> None:
    needed = statistics.seeds_needed(difference, sd, level=level, margin=None)
    assert needed is not None
    assert statistics.power_of_difference(difference / sd, needed, level) >= statistics.POWER
    if needed > 2:
        assert statistics.power_of_difference(difference / sd, needed - 1, level) < statistics.POWER


def test_a_difference_near_zero_is_settled_by_equivalence() -> None:
    by_difference = statistics.seeds_needed(0.01, 1.0, level=0.05, margin=None)
    by_margin = statistics.seeds_needed(0.01, 1.0, level=0.05, margin=0.8)
    assert by_difference is None  # more than ten thousand
    assert by_margin is not None and by_margin < 30


def test_seeds_needed_without_a_spread_cannot_be_told() -> None:
    assert statistics.seeds_needed(None, None, level=0.05, margin=1.0) is None
    assert statistics.seeds_needed(2.0, None, level=0.05, margin=1.0) is None


def test_an_open_comparison_needs_more_seeds_than_it_has() -> None:
    assert statistics.seeds_needed(9.0, 1.0, level=0.05, margin=None, more_than=7) == 8


@pytest.mark.parametrize(("n", "alpha"), [(2, 0.05), (3, 0.05 / 11), (5, 0.05 / 3), (30, 0.05)])
def test_the_resolvable_difference_is_found_with_eighty_percent(n: int, alpha: float) -> None:
    difference = statistics.resolvable_difference(2.5, n, alpha)
    assert difference is not None
    assert statistics.power_of_difference(difference / 2.5, n, alpha) == pytest.approx(0.8, abs=1e-4)


def test_more_seeds_resolve_less() -> None:
    found = [statistics.resolvable_difference(1.0, n) for n in (3, 5, 10, 20)]
    assert found == sorted(found, reverse=True)
    assert statistics.resolvable_difference(1.0, 1) is None
    assert statistics.resolvable_difference(None, 9) is None


def test_the_typical_spread_is_centred_and_withstands_one_wild_arm() -> None:
    rng = np.random.default_rng(1)
    sds: list[tuple[float | None, int]] = [(float(sd), 3) for sd in rng.normal(0, 2.0, (4001, 3)).std(axis=1, ddof=1)]
    calm = statistics.typical_spread(sds)
    assert calm == pytest.approx(2.0, rel=0.05)
    assert statistics.typical_spread([(1.0, 9), (1.1, 9), (0.9, 9), (500.0, 9), (None, 1)]) == pytest.approx(
        1.05, rel=0.1
    )
    assert statistics.typical_spread([(None, 1)]) is None


def test_failures_are_compared_by_fishers_test() -> None:
    # 3 of 3 against 0 of 3: one of the 20 tables is as extreme on either side.
    assert statistics.failure_test(3, 3, 0, 3) == pytest.approx(2 / 20)
    assert statistics.failure_test(0, 3, 0, 3) == 1.0
    assert statistics.failure_test(0, 0, 1, 3) is None


def test_huge_values_do_not_overflow() -> None:
    assert statistics.spread([1e300, 3e300]) == pytest.approx(math.sqrt(2) * 1e300)
    assert statistics.spread([0.0, 0.0]) == 0.0
