"""What seeds can resolve, against the report's own method and against a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics.many_to_one import from_paired
from dcgan.statistics.paired import over_seeds
from dcgan.statistics.resolution import (
    ASSUMED_SPREAD,
    Planned,
    detectable,
    sd_of_differences,
    sentence,
    sign_flip_floor,
    warning,
)
from dcgan.statistics.sequential.interim_analysis import Looks


def test_two_comparisons_against_a_simulation() -> None:
    """Below three comparisons: the paired t test at half of 5 %."""
    effect = detectable(Planned(4, 2))
    assert effect is not None
    draws = np.random.default_rng(0).normal(effect, 1.0, size=(20_000, 4))
    found = stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05 / 2
    assert np.mean(found) == pytest.approx(0.8, abs=0.015)


def test_what_is_predicted_is_what_the_report_finds() -> None:
    """Spreads drawn from the prior that is assumed; one arm has the predicted effect: found about 80 times in 100."""
    effect = detectable(Planned(5, 8))
    assert effect is not None
    random = np.random.default_rng(1)
    found = 0
    for _ in range(200):
        spreads = np.sqrt(3.0 / random.chisquare(3.0, 8))
        spreads[0] = 1.0
        arms = random.standard_normal((8, 5)) * spreads[:, None] / math.sqrt(2.0)
        differences = arms - random.standard_normal(5) / math.sqrt(2.0)
        differences[0] += effect
        family = [over_seeds(dict(enumerate(row)), 1.0) for row in differences.tolist()]
        p = from_paired(family, 0.05)[0].p_adjusted
        found += p is not None and p < 0.05
    assert 0.6 < found / 200 < 0.97


def test_pooled_effects_against_a_simulation() -> None:
    """Of a 12-arm design with equal noise, Holm's first hurdle for 11 effects, 33 degrees of freedom."""
    effect = detectable(Planned(4, 11, arms=12))
    assert effect is not None
    random = np.random.default_rng(2)
    run_sd = 1.0 / math.sqrt(2.0)  # so that a paired difference of two arms has the spread 1
    estimates = random.normal(effect, run_sd * math.sqrt(4.0 / 12 / 4), 20_000)
    errors = run_sd * np.sqrt(4.0 / 12 / 4 * random.chisquare(33, 20_000) / 33)
    found = np.abs(estimates) / errors > stats.t.isf(0.05 / 11 / 2, 33)
    assert np.mean(found) == pytest.approx(0.8, abs=0.015)


def test_one_seed_resolves_nothing() -> None:
    assert detectable(Planned(1, 3)) is None
    assert "at least 2" in sentence(Planned(1, 3), None, "fid", "ratio")


def test_more_seeds_resolve_more_and_more_comparisons_less() -> None:
    by_seeds = [detectable(Planned(seeds, 11)) or 0.0 for seeds in (2, 3, 5, 10, 30)]
    assert by_seeds == sorted(by_seeds, reverse=True)
    assert (detectable(Planned(5, 11)) or 0.0) > (detectable(Planned(5, 3)) or 0.0)


def test_before_any_run_a_spread_is_assumed_and_called_so() -> None:
    planned = Planned(4, 11, arms=12)
    effect = detectable(planned)
    assert effect is not None
    share = 100 * math.expm1(effect * ASSUMED_SPREAD * math.sqrt(2.0))
    words = sentence(planned, None, "fid", "ratio")
    assert f"effects on fid below {share:.0f} % will most likely stay inconclusive with 4 seeds" in words
    assert "assumed spread from run to run 12 %" in words
    assert "measured spread of the paired differences 20 %" in sentence(planned, 0.2, "fid", "ratio")
    assert "standard deviations" in sentence(planned, None, "kid", "difference")


def test_the_typical_deviation_of_paired_differences() -> None:
    """One arm's differences are 1, 2 and 3: their sd of 1, corrected for what the median of so few understates."""
    values = {"bare": {0: 10.0, 1: 20.0, 2: 30.0}, "a": {0: 11.0, 1: 22.0, 2: 33.0}, "b": {0: 5.0}}
    assert sd_of_differences(values, "bare") == pytest.approx((stats.chi2.median(2) / 2) ** -0.5)
    assert sd_of_differences(values, "bare", "ratio") == 0.0  # 10 % more in each
    assert sd_of_differences({"bare": {0: 1.0}, "a": {0: 2.0}}, "bare") is None
    assert sd_of_differences({"a": {0: 2.0, 1: 3.0}}, "bare") is None


def test_the_floor_is_that_of_the_exact_test() -> None:
    """All differences of one sign: of 2^5 patterns of signs, two have a mean as far from 0."""
    patterns = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1)
    exact = (np.abs(patterns.mean(axis=0)) >= 1).mean()
    assert sign_flip_floor(5, 1) == exact


def test_a_plan_that_can_come_to_nothing_is_warned_of() -> None:
    assert warning(Planned(4, 11)) is None
    assert warning(Planned(2, 11, arms=12)) is None
    assert "give 4 seeds or more" in str(warning(Planned(3, 11)))
    assert "one seed shows no spread" in str(warning(Planned(1, 3)))


def test_stopping_when_decided_resolves_a_little_less_at_its_last_look() -> None:
    looks = Looks(5, 1, 20)
    fixed, stopped, half = detectable(Planned(20, 2)), *(detectable(Planned(n, 2, looks=looks)) for n in (20, 10))
    assert fixed is not None and stopped is not None and half is not None
    assert fixed < stopped < 1.2 * fixed
    assert half > stopped
    assert detectable(Planned(4, 2, looks=looks)) is None
    assert "before the first look, after 5 seeds" in sentence(Planned(4, 2, looks=looks), None, "fid", "ratio")
