"""What seeds can resolve, against another implementation and against a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics.resolution import (
    detectable,
    sd_of_differences,
    seeds_for_sign_flips,
    sentence,
    sign_flip_floor,
    warning,
)
from dcgan.statistics.sequential.interim_analysis import Looks


def test_three_seeds_against_a_simulation() -> None:
    effect = detectable(3, 11)
    assert effect is not None
    draws = np.random.default_rng(0).normal(effect, 1.0, size=(20_000, 3))
    found = stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05 / 11
    assert np.mean(found) == pytest.approx(0.8, abs=0.015)


def test_one_seed_resolves_nothing() -> None:
    assert detectable(1, 3) is None
    assert "at least 2" in sentence(1, 3, None, "fid")


def test_more_seeds_resolve_more_and_more_comparisons_less() -> None:
    by_seeds = [detectable(pairs, 11) or 0.0 for pairs in (2, 3, 5, 10, 30)]
    assert by_seeds == sorted(by_seeds, reverse=True)
    assert (detectable(5, 11) or 0.0) > (detectable(5, 1) or 0.0)


def test_the_typical_deviation_of_paired_differences() -> None:
    """One arm's differences are 1, 2 and 3: their sd of 1, corrected for what the median of so few understates."""
    values = {"bare": {0: 10.0, 1: 20.0, 2: 30.0}, "a": {0: 11.0, 1: 22.0, 2: 33.0}, "b": {0: 5.0}}
    assert sd_of_differences(values, "bare") == pytest.approx((stats.chi2.median(2) / 2) ** -0.5)
    assert sd_of_differences({"bare": {0: 1.0}, "a": {0: 2.0}}, "bare") is None
    assert sd_of_differences({"a": {0: 2.0, 1: 3.0}}, "bare") is None


@pytest.mark.parametrize(("comparisons", "seeds"), [(1, 6), (6, 8), (10, 9), (12, 9), (16, 10)])
def test_seeds_for_sign_flips(comparisons: int, seeds: int) -> None:
    assert seeds_for_sign_flips(comparisons) == seeds
    assert sign_flip_floor(seeds, comparisons) <= 0.05 < sign_flip_floor(seeds - 1, comparisons)


def test_the_floor_is_that_of_the_exact_test() -> None:
    """All differences of one sign: of 2^5 patterns of signs, two have a mean as far from 0."""
    patterns = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1)
    exact = (np.abs(patterns.mean(axis=0)) >= 1).mean()
    assert sign_flip_floor(5, 1) == exact


def test_a_plan_that_can_come_to_nothing_is_warned_of() -> None:
    assert warning(9, 11) is None
    assert "9 seeds would do" in str(warning(4, 11))
    assert "no result can become significant with 1 seed" in str(warning(1, 3))


def test_stopping_when_decided_resolves_a_little_less_at_its_last_look() -> None:
    looks = Looks(5, 1, 20)
    fixed, stopped, half = detectable(20, 5), detectable(20, 5, looks), detectable(10, 5, looks)
    assert fixed is not None and stopped is not None and half is not None
    assert fixed < stopped < 1.2 * fixed
    assert half > stopped
    assert detectable(4, 5, looks) is None
    assert "before the first look, after 5 seeds" in sentence(4, 5, None, "fid", looks)
