"""What seeds can resolve, against another implementation and against a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dcgan.study.power import detectable, sd_of_differences, sentence


def test_three_seeds_against_a_simulation() -> None:
    effect = detectable(3, 11)
    assert effect is not None
    draws = np.random.default_rng(0).normal(effect, 1.0, size=(20_000, 3))
    found = stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05 / 11
    assert found.mean() == pytest.approx(0.8, abs=0.015)


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
