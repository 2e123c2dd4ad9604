"""How the arms of a two-level design are read, and what they cannot tell apart."""

from __future__ import annotations

import numpy as np

from dcgan.statistics.contrasts import Alias, Aliases, Effect, Reading, Signs, aliasing, codes
from dcgan.sweeps.designs.arm import Arm, crossed
from dcgan.sweeps.designs.factor import Factor


def arms_of(signs: Signs, factors: list[Factor], start: str) -> list[Arm]:
    """The arms of runs [runs, factors]: a factor is at its start level where the run has +1, so that a run with +1
    everywhere is the baseline."""
    return [
        crossed(
            factors,
            start,
            [factor.start if sign > 0 else factor.others[0] for factor, sign in zip(factors, run, strict=True)],
        )
        for run in signs
    ]


def signs_of(arms: list[Arm], factors: list[Factor]) -> Signs:
    """The code of every arm in every factor, [arms, factors]: +1 at the high level of its effect, else -1."""
    levels = {arm.name: arm.levels for arm in arms}
    columns = [codes(factor.terms(), levels) for factor in factors]
    return np.array([[column[arm.name] for column in columns] for arm in arms], dtype=np.float64)


def alias_table(arms: list[Arm], factors: list[Factor]) -> tuple[Alias, ...]:
    """Every main effect with the interactions in it; then the groups of interactions that are not told apart from each
    other but are clear of all main effects, each by its first member."""
    names = [factor.name for factor in factors]
    table = aliasing(signs_of(arms, factors))
    seen: set[tuple[int, ...]] = set()
    aliases = []
    for effect, others in table.items():
        main = len(effect) == 1
        if main or (effect not in seen and _clear(others)):
            seen |= {effect, *others}
            named = tuple((tuple(names[index] for index in other), weight) for other, weight in others.items())
            aliases.append(Alias(tuple(names[index] for index in effect), named))
    return tuple(aliases)


def _clear(others: dict[tuple[int, ...], float]) -> bool:
    """Whether an interaction is clear of main effects, and altogether or not at all the same as other interactions."""
    return all(len(other) > 1 and abs(abs(weight) - 1.0) < 1e-9 for other, weight in others.items())


def reading_of(aliases: Aliases, factors: list[Factor]) -> Reading:
    """The effects that have a line of their own in the alias table."""
    terms = {factor.name: factor.terms()[0] for factor in factors}
    return Reading(tuple(Effect(tuple(terms[name] for name in alias.effect)) for alias in aliases.table), aliases)
