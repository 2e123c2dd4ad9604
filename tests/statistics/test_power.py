"""What seeds can find, against integration and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import integrate, stats

from dcgan.statistics import power


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
    assert power.power_of_difference(effect, n, alpha) == pytest.approx(
        power_by_integration(effect, n, alpha), abs=2e-4
    )


def test_the_power_of_equivalence_is_never_overstated() -> None:
    rng = np.random.default_rng(3)
    samples = rng.normal(0.1, 1.0, (4000, 12))
    half = stats.t.isf(0.05, 11) * samples.std(axis=1, ddof=1) / math.sqrt(12)
    inside = (abs(samples.mean(axis=1)) + half < 0.9).mean()
    ours = power.power_of_equivalence(0.1, 0.9, 12)
    assert inside - 0.03 < ours <= inside + 0.02


@settings(max_examples=40, deadline=None)
@given(some.floats(0.1, 4), some.floats(0.05, 2), some.floats(0.001, 0.05))
def test_the_seeds_needed_are_the_fewest_with_enough_power(difference: float, sd: float, level: float) -> None:
    needed = power.seeds_needed(difference, sd, level=level, margin=None)
    assert needed is not None
    assert power.power_of_difference(difference / sd, needed, level) >= power.POWER
    if needed > 2:
        assert power.power_of_difference(difference / sd, needed - 1, level) < power.POWER


def test_a_difference_near_zero_is_settled_by_equivalence() -> None:
    by_difference = power.seeds_needed(0.01, 1.0, level=0.05, margin=None)
    by_margin = power.seeds_needed(0.01, 1.0, level=0.05, margin=0.8)
    assert by_difference is None  # more than ten thousand
    assert by_margin is not None and by_margin < 30


def test_seeds_needed_without_a_spread_cannot_be_told() -> None:
    assert power.seeds_needed(None, None, level=0.05, margin=1.0) is None
    assert power.seeds_needed(2.0, None, level=0.05, margin=1.0) is None


def test_an_open_comparison_needs_more_seeds_than_it_has() -> None:
    assert power.seeds_needed(9.0, 1.0, level=0.05, margin=None, more_than=7) == 8


@pytest.mark.parametrize(("n", "alpha"), [(2, 0.05), (3, 0.05 / 11), (5, 0.05 / 3), (30, 0.05)])
def test_the_resolvable_difference_is_found_with_eighty_percent(n: int, alpha: float) -> None:
    difference = power.resolvable_difference(2.5, n, alpha)
    assert difference is not None
    assert power.power_of_difference(difference / 2.5, n, alpha) == pytest.approx(0.8, abs=1e-4)


def test_more_seeds_resolve_less() -> None:
    found = [power.resolvable_difference(1.0, n) for n in (3, 5, 10, 20)]
    assert found == sorted(found, reverse=True)
    assert power.resolvable_difference(1.0, 1) is None
    assert power.resolvable_difference(None, 9) is None


def test_the_typical_spread_is_centred_and_withstands_one_wild_arm() -> None:
    rng = np.random.default_rng(1)
    sds: list[tuple[float | None, int]] = [(float(sd), 3) for sd in rng.normal(0, 2.0, (4001, 3)).std(axis=1, ddof=1)]
    calm = power.typical_spread(sds)
    assert calm == pytest.approx(2.0, rel=0.05)
    assert power.typical_spread([(1.0, 9), (1.1, 9), (0.9, 9), (500.0, 9), (None, 1)]) == pytest.approx(1.05, rel=0.1)
    assert power.typical_spread([(None, 1)]) is None
