"""The numbers against independent references, by simulation and exhaustively."""

from __future__ import annotations

import doctest
import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dcgan.common.metrics import Goal
from dcgan.statistics import paired
from dcgan.statistics.paired import Interval, Verdict

scores = some.lists(some.floats(1, 1000), min_size=2, max_size=8)


def by_seed(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values))


@given(scores)
def test_the_paired_test_and_interval_are_scipys(values: list[float]) -> None:
    rng = np.random.default_rng(len(values))
    arm = [value + float(rng.normal()) for value in values]
    ours = paired.compare(by_seed(arm), by_seed(values))
    theirs = stats.ttest_rel(arm, values)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6)
    assert ours.interval == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-6, abs=1e-9)
    assert ours.equivalence == pytest.approx(tuple(theirs.confidence_interval(0.90)), rel=1e-6, abs=1e-9)


@given(scores, some.floats(-50, 50))
def test_shifting_both_arms_leaves_the_difference(values: list[float], shift: float) -> None:
    arm = [value * 1.1 + index for index, value in enumerate(values)]
    here = paired.compare(by_seed(arm), by_seed(values))
    there = paired.compare(by_seed([a + shift for a in arm]), by_seed([v + shift for v in values]))
    assert here.difference == pytest.approx(there.difference, abs=1e-9)
    assert here.sd == pytest.approx(there.sd, abs=1e-9)


@given(scores)
def test_swapping_the_arms_turns_the_sign_and_nothing_else(values: list[float]) -> None:
    arm = [value + index * 0.7 for index, value in enumerate(values)]
    here, there = paired.compare(by_seed(arm), by_seed(values)), paired.compare(by_seed(values), by_seed(arm))
    assert here.difference is not None and there.difference is not None
    assert here.difference == pytest.approx(-there.difference)
    assert here.p == pytest.approx(there.p)


def test_only_seeds_that_both_finished_are_paired() -> None:
    pairs = paired.compare({0: 1.0, 1: 5.0, 7: 3.0}, {7: 1.0, 0: 0.5, 2: 9.0})
    assert pairs.differences == {0: 0.5, 7: 2.0}
    assert pairs.pairs == 2


def test_one_pair_shows_a_difference_and_nothing_more() -> None:
    pairs = paired.compare({0: 3.0}, {0: 5.0})
    assert pairs.difference == -2.0
    assert (pairs.sd, pairs.interval, pairs.equivalence, pairs.p) == (None, None, None, None)


def test_no_pair_shows_nothing() -> None:
    pairs = paired.compare({0: 3.0}, {1: 5.0})
    assert (pairs.pairs, pairs.difference, pairs.interval, pairs.p) == (0, None, None, None)


@pytest.mark.parametrize(("shift", "p"), [(0.0, 1.0), (0.1, None)])
def test_runs_that_differ_by_exactly_the_same_amount_are_no_proof(shift: float, p: float | None) -> None:
    values = {0: 1000.1, 1: 20.3, 2: 30.7}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs = paired.compare({seed: value + shift for seed, value in values.items()}, values)
    assert pairs.sd == 0.0
    assert (pairs.p, pairs.constant) == (p, p is None)
    assert pairs.difference == pytest.approx(shift)
    assert pairs.interval == (None if pairs.constant else (0.0, 0.0))
    assert pairs.equivalence == pairs.interval


def test_the_interval_covers_what_it_says_with_three_seeds() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(2000):
        base = rng.normal(30, 5, 3)
        arm = base + rng.normal(1.0, 2.0, 3)
        interval = paired.compare(by_seed(arm.tolist()), by_seed(base.tolist())).interval
        assert interval is not None
        hits += interval[0] <= 1.0 <= interval[1]
    assert 0.935 < hits / 2000 < 0.965


@pytest.mark.slow
@settings(max_examples=15, deadline=None)  # statsmodels collects garbage at every call
@given(some.lists(some.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert paired.holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_counts_only_what_was_tested() -> None:
    assert paired.holm([None, 0.01, None, 0.04]) == [None, pytest.approx(0.02), None, pytest.approx(0.04)]
    assert paired.holm([None, None]) == [None, None]


def test_the_levels_are_those_that_holms_procedure_compares_with() -> None:
    p = [0.001, 0.012, 0.3, None, 0.02]
    # 0.001 < .05/4, 0.012 < .05/3, 0.02 < .05/2 are rejected, 0.3 is held to .05/1.
    assert paired.holm_levels(p, paired.holm(p), 0.05) == pytest.approx([0.05 / 4, 0.05 / 3, 0.05, 0.05, 0.05 / 2])
    assert paired.holm_levels([0.04, 0.5], [0.08, 0.5], 0.05) == pytest.approx([0.025, 0.025])


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(0, 1), min_size=1, max_size=10))
def test_a_comparison_is_rejected_exactly_if_its_p_is_below_its_level(p: list[float]) -> None:
    holm = paired.holm(p)
    for value, adjusted, level in zip(p, holm, paired.holm_levels(p, holm, 0.05), strict=True):
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
    assert paired.verdict(difference, P[p], INSIDE[interval], margin=1.0, goal=goal, alpha=0.05) == expected


def test_without_a_margin_nothing_has_no_effect() -> None:
    assert paired.verdict(0.0, 0.9, (-0.1, 0.1), margin=None, goal="minimize", alpha=0.05) == "inconclusive"


@given(scores)
def test_no_effect_is_what_two_one_sided_tests_say(values: list[float]) -> None:
    rng = np.random.default_rng(int(values[0] * 1000))
    arm = [value + float(rng.normal(0, 0.6)) for value in values]
    margin = 1.0
    pairs = paired.compare(by_seed(arm), by_seed(values))
    shifted = np.subtract(arm, values)
    above = stats.ttest_1samp(shifted, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(shifted, margin, alternative="less").pvalue
    if abs(max(above, below) - 0.05) > 1e-6:
        assert paired.within(pairs.equivalence, margin) == (max(above, below) < 0.05)


def test_failures_are_compared_by_fishers_test() -> None:
    # 3 of 3 against 0 of 3: one of the 20 tables is as extreme on either side.
    assert paired.failure_test(3, 3, 0, 3) == pytest.approx(2 / 20)
    assert paired.failure_test(0, 3, 0, 3) == 1.0
    assert paired.failure_test(0, 0, 1, 3) is None


def test_huge_values_do_not_overflow() -> None:
    assert paired.spread([1e300, 3e300]) == pytest.approx(math.sqrt(2) * 1e300)
    assert paired.spread([0.0, 0.0]) == 0.0


def test_the_examples_in_docstrings_hold() -> None:
    outcome = doctest.testmod(paired)
    assert outcome.attempted >= 5
    assert outcome.failed == 0
