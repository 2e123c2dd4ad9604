"""The Markov chain against the t distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics.sequential import markov_chain


def test_the_chain_keeps_the_t_distribution_at_every_number_of_differences() -> None:
    mass = markov_chain.beginning()
    for n in range(2, 40):
        mass = mass @ markov_chain.step(n)
    beyond = np.cumsum(mass[::-1])[::-1]
    for z in (-2.0, 0.0, 1.0, 2.0, 3.0, 4.0):
        cell = int(np.argmin(np.abs(markov_chain.EDGES - z)))
        assert beyond[cell] == pytest.approx(stats.norm.sf(z), rel=5e-3)
