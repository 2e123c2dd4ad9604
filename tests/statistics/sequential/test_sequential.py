"""Looking again and again: the Markov chain against simulation, the error rates, and that each comparison is decided once."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import sequential as simulation
from dcgan.statistics.sequential.interim_analysis import Looks

LOOKS = Looks(4, 2, 12)
STUDIES = 8_000
ARMS = 6


def test_the_familywise_error_is_kept_and_naive_looks_break_it() -> None:
    rng = np.random.default_rng(0)
    null = simulation.draw([0.0] * ARMS, LOOKS.at_most, STUDIES, rng)
    noise = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    assert 0.03 < simulation.sequential(null, LOOKS, 0.0).any_found < 0.05 + noise
    assert simulation.naive(null, LOOKS, 0.0).any_found > 0.10
    one = simulation.sequential(null[:, :1], LOOKS, 0.0).any_found
    assert one == pytest.approx(0.05, abs=noise), "without a correction for arms the rate is exact"


def test_a_difference_as_large_as_the_margin_is_called_no_effect_in_at_most_5_percent() -> None:
    rng = np.random.default_rng(1)
    edge = simulation.draw([1.0] * 2, 20, STUDIES, rng)
    noise = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    looks = Looks(4, 1, 20)
    assert simulation.sequential(edge, looks, 1.0).same.mean() < 0.05 + noise
    assert simulation.naive(edge, looks, 1.0).same.mean() > 0.07


def test_large_effects_take_few_seeds_and_the_power_of_the_fixed_design_is_nearly_kept() -> None:
    rng = np.random.default_rng(2)
    drawn = simulation.draw([1.5] + [0.0] * 5, 20, 2_000, rng)
    looks = Looks(5, 1, 20)
    ours, whole = simulation.sequential(drawn, looks, 0.0), simulation.fixed(drawn, 20, 0.0)
    assert ours.seeds[:, 0].mean() < 13
    assert ours.found[:, 0].mean() > whole.found[:, 0].mean() - 0.02
