"""Factors called by letters, designs of them, and the scores and estimates of arms whose effects are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.statistics.contrasts import Effect, Term, by_seed, codes
from dcgan.sweeps.designs import (
    Arm,
    Factor,
    path_factor,
    read_design,
    tip_factor,
)

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWX"
TWO_LEVEL: list[tuple[Any, int]] = [
    ("factorial", 1),
    ("factorial", 4),
    *(({"fractional": {"resolution": 3}}, number) for number in range(3, 16)),
    *(({"fractional": {"resolution": 4}}, number) for number in range(4, 17)),
    *(({"fractional": {"resolution": 5}}, number) for number in range(5, 13)),
    ({"fractional": {"resolution": 8}}, 8),
    *(("plackett-burman", number) for number in (3, 4, 7, 8, 11, 12, 15, 19, 23)),
    *(({"plackett-burman": {"foldover": True}}, number) for number in (3, 7, 11, 12)),
]


def lettered(number: int, start: str = "all") -> list[Factor]:
    """Factors called A, B, C, ... that are switches, as tips are."""
    first, other = ("on", "off") if start == "all" else ("off", "on")
    return [Factor(letter, first, (other,)) for letter in LETTERS[:number]]


def _levels(arms: list[Arm]) -> dict[str, Mapping[str, str]]:
    return {arm.name: arm.levels for arm in arms}


def response(arms: list[Arm], truth: Mapping[tuple[Term, ...], float]) -> dict[str, dict[int, float]]:
    """Scores without noise, seed 0, of arms with these effects."""
    scores = {arm.name: {0: 50.0} for arm in arms}
    for terms, effect in truth.items():
        for arm, code in codes(terms, _levels(arms)).items():
            scores[arm][0] += code * effect / 2
    return scores


def estimate(effect: Effect, arms: list[Arm], scores: Mapping[str, Mapping[int, float]]) -> float:
    """The effect as a reader of these scores would compute it, for seed 0."""
    read = {arm.name: arm.levels for arm in arms if not effect.arms or arm.name in effect.arms}
    return by_seed(codes(effect.terms, read), scores)[0]


KIND = path_factor("optimizer.generator.kind", ["adam", "rmsprop", "sgd"])


def tips(start: str) -> list[Factor]:
    """Two tips as factors."""
    return [tip_factor("he_init", start), tip_factor("batch_norm", start)]


def one_at_a_time(factors: list[Factor], start: str) -> list[Arm]:
    """The arms of that design."""
    return read_design("one-at-a-time").arms(factors, start)
