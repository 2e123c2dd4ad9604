"""Estimates of a design are the truth and what its table of aliases says, nothing else."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcgan.sweeps.designs import read_design
from tests.sweeps.designs.lettered import TWO_LEVEL, estimate, lettered, response


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([each for each in TWO_LEVEL if each[1] <= 12]),
    st.sampled_from(["bare", "all"]),
    st.randoms(use_true_random=False),
)
def test_estimates_are_the_truth_and_what_the_alias_table_says(
    design: tuple[Any, int], start: str, chance: Any
) -> None:
    """Every main effect and interaction of two factors has an effect; nothing else is in any estimate."""
    factors = lettered(design[1], start)
    made = read_design(design[0])
    arms = made.arms(factors, start)
    reading = made.reading(arms, factors)
    terms = {factor.name: factor.terms()[0] for factor in factors}
    effects = [(name,) for name in terms] + list(itertools.combinations(terms, 2))
    truth = {effect: chance.uniform(-9, 9) for effect in effects}
    scores = response(arms, {tuple(terms[name] for name in effect): value for effect, value in truth.items()})
    shares = {alias.effect: alias.others for alias in reading.aliases.table} if reading.aliases else {}
    assert {(name,) for name in terms} <= {tuple(term[0] for term in effect.terms) for effect in reading.effects}
    for effect in reading.effects:
        names = tuple(term[0] for term in effect.terms)
        expected = truth[names] + sum(weight * truth[other] for other, weight in shares.get(names, ()))
        assert estimate(effect, arms, scores) == pytest.approx(expected, abs=1e-9)
    if reading.aliases and reading.aliases.resolution >= 4:
        assert not any(others for effect, others in shares.items() if len(effect) == 1)
    if reading.aliases is None or reading.aliases.resolution >= 5:
        assert len(reading.effects) == len(effects) and not any(shares.values())
