"""Factorials and grids: every combination once, and levels compared on average over everything else."""

from __future__ import annotations

import pytest

from dcgan.sweeps.designs import (
    path_factor,
    read_design,
    tip_factor,
)
from tests.sweeps.designs.lettered import KIND, estimate, tips


def test_levels_of_a_grid_are_compared_on_average_over_everything_else() -> None:
    kind = path_factor("optimizer.generator.kind", ["adam", "rmsprop", "sgd"])
    factors = [tip_factor("he_init", "all"), kind]
    made = read_design("grid")
    arms = made.arms(factors, "all")
    value = {("on", "adam"): 1.0, ("off", "adam"): 2.0, ("on", "rmsprop"): 4.0, ("off", "rmsprop"): 8.0}
    value |= {("on", "sgd"): 16.0, ("off", "sgd"): 32.0}
    scores = {arm.name: {0: value[tuple(arm.levels.values())]} for arm in arms}  # type: ignore[index]
    found = {effect.terms: estimate(effect, arms, scores) for effect in made.reading(arms, factors).effects}
    he_init = ("he_init", "off", "on")
    sgd = ("optimizer.generator.kind", "adam", "sgd")
    rmsprop = ("optimizer.generator.kind", "adam", "rmsprop")
    assert found == pytest.approx(
        {(he_init,): -7.0, (rmsprop,): 4.5, (sgd,): 22.5, (he_init, rmsprop): -1.5, (he_init, sgd): -7.5}
    )


def test_factorial_has_every_combination_once() -> None:
    arms = read_design("factorial").arms([*tips("bare"), KIND], "bare")
    assert len(arms) == 2 * 2 * 3
    assert len({tuple(arm.levels.items()) for arm in arms}) == len(arms)
    assert arms[0].name == "bare"
    assert "he_init+batch_norm+optimizer.generator.kind=sgd" in [arm.name for arm in arms]
