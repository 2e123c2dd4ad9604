"""Levels at each look: crossed by chance as often as they say, and intervals that hold together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics import paired
from dcgan.statistics.sequential.boundaries import ALPHAS, at_look, levels
from dcgan.statistics.sequential.interim_analysis import Looks

LOOKS = Looks(4, 2, 12)


def _shares(looks: Looks) -> tuple[float, ...]:
    return tuple(seeds / looks.at_most for seeds in looks.seeds)


def test_a_single_look_is_the_t_test() -> None:
    only = levels((7,), (1.0,))[0]
    assert only.at(0.05) == pytest.approx(0.05, rel=1e-3)
    assert only.whole(0.01) == pytest.approx(0.01, rel=1e-3)
    assert only.one_sided == pytest.approx(0.05, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("looks", [LOOKS, Looks(2, 1, 6)])
def test_levels_are_crossed_by_chance_as_often_as_they_say(looks: Looks) -> None:
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(200_000, looks.at_most))
    made = levels(looks.seeds, _shares(looks))
    for alpha in (0.05, 0.005):
        crossed = np.zeros(len(draws), bool)
        for seeds, level in zip(looks.seeds, made, strict=True):
            p = stats.ttest_1samp(draws[:, :seeds], 0.0, axis=1).pvalue
            crossed |= p < level.at(alpha)
        assert crossed.mean() == pytest.approx(alpha, abs=4 * np.sqrt(alpha / len(draws)))


def test_levels_grow_with_the_error_rate_so_that_sequential_p_values_are_those_of_a_test() -> None:
    for level in levels(LOOKS.seeds, _shares(LOOKS)):
        assert (np.diff(level.two_sided) > 0).all()
        for alpha in (1e-6, 0.001, 0.05, 0.7):
            assert level.whole(level.at(alpha)) == pytest.approx(alpha, rel=1e-6)
    assert level.whole(0.9999) == 1.0


def test_seeds_that_made_no_pair_leave_the_error_rate_for_later_looks() -> None:
    nothing, one, two = levels((0, 1, 3), (0.3, 0.6, 1.0))
    assert nothing.at(0.05) == one.at(0.05) == 0.0
    assert two.at(0.05) == pytest.approx(0.05, rel=1e-3)
    again = levels((3, 3), (0.5, 1.0))  # the same pairs at a higher level
    assert again[1].at(0.05) == pytest.approx(0.05, rel=2e-3)


@pytest.mark.slow
def test_repeated_intervals_hold_the_truth_at_all_looks_together() -> None:
    rng = np.random.default_rng(4)
    made, missed, studies = levels(LOOKS.seeds, _shares(LOOKS)), 0, 1_500
    for _ in range(studies):
        values = dict(enumerate(rng.normal(2.0, 3.0, LOOKS.at_most)))
        intervals = []
        for seeds, level in zip(LOOKS.seeds, made, strict=True):
            some = {seed: value for seed, value in values.items() if seed < seeds}
            interval = at_look(paired.compare(some, dict.fromkeys(some, 0.0)), level, None).interval
            assert interval is not None
            intervals.append(interval)
        missed += any(not low <= 2.0 <= high for low, high in intervals)
    assert missed / studies == pytest.approx(0.05, abs=3 * np.sqrt(0.05 / studies))


def test_error_rates_are_known_over_the_whole_range() -> None:
    assert ALPHAS[0] <= 1e-9 and ALPHAS[-1] > 0.99 and (np.diff(ALPHAS) > 0).all()
