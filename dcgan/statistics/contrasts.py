"""Contrasts: what the arms of a design say together of each factor, and what they cannot tell apart.

Pure functions. Two levels are coded -1 (low) and +1 (high), an interaction by the product of its factors' codes
(Montgomery, Design and Analysis of Experiments, chapters 6 to 8).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Term = tuple[str, str, str]  # a factor, its low and its high level
Share = tuple[tuple[str, ...], float]  # another effect (its factors) in an estimate, and its weight in -1 .. 1
Signs = NDArray[np.float64]  # [runs, factors], each -1 or +1

_NOTHING = 1e-9  # a weight of aliasing below it is rounding


@dataclass(frozen=True)
class Effect:
    """What arms estimate together, as it was planned: a main effect (one term) or an interaction (two).

    `arms`: those that it is read from, none for all of them; `beside`: the baseline that these have in common.
    """

    terms: tuple[Term, ...]
    arms: tuple[str, ...] = ()
    beside: str = ""

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors of its terms, by which an alias table names it."""
        return tuple(factor for factor, _, _ in self.terms)

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json."""
        content: dict[str, Any] = {"of": [list(term) for term in self.terms]}
        return {**content, "beside": self.beside, "arms": list(self.arms)} if self.arms else content


@dataclass(frozen=True)
class Alias:
    """An effect (its factors) with the others that its estimate contains, each with its weight in -1 .. 1."""

    effect: tuple[str, ...]
    others: tuple[Share, ...]


@dataclass(frozen=True)
class Word:
    """A product of factors' codes that is `sign` (-1 or +1) in every arm: a word of the defining relation."""

    factors: tuple[str, ...]
    sign: int


@dataclass(frozen=True)
class Aliases:
    """What a design cannot tell apart, main effects and two-factor interactions.

    `words` are the shortest of the defining relation; their length is the `resolution`. `generators` are the words
    by which the fraction was chosen. Both are empty for a Plackett-Burman design, which has no defining relation.
    """

    resolution: int
    table: tuple[Alias, ...]
    generators: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json and report.json."""
        return {
            "resolution": self.resolution,
            "generators": [{"factors": list(word.factors), "sign": word.sign} for word in self.generators],
            "words": [{"factors": list(word.factors), "sign": word.sign} for word in self.words],
            "table": [
                {
                    "effect": list(alias.effect),
                    "with": [{"effect": list(effect), "weight": weight} for effect, weight in alias.others],
                }
                for alias in self.table
            ],
        }


@dataclass(frozen=True)
class Reading:
    """How the arms of a design are read together; nothing of it where each arm is only compared with the baseline.

    Nothing is mixed where there are no `aliases`: each arm is compared alone, or all combinations were run.
    """

    effects: tuple[Effect, ...] = ()
    aliases: Aliases | None = None

    @property
    def resolution(self) -> int | None:
        """That of the design; None where nothing is mixed."""
        return self.aliases.resolution if self.aliases else None

    @property
    def shares(self) -> Mapping[tuple[str, ...], tuple[Share, ...]]:
        """What the estimate of each effect, by its factors, contains besides."""
        return {alias.effect: alias.others for alias in self.aliases.table} if self.aliases else {}


def codes(terms: Sequence[Term], arms: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """The code of every arm in the effect of `terms`: the product over its factors of -1 at the low and +1 at the
    high level. An arm at any other level of one of them says nothing of it and is left out.

    `arms` maps arm -> factor -> level.
    """
    found = {}
    for arm, levels in arms.items():
        code = math.prod({low: -1, high: 1}.get(levels[factor], 0) for factor, low, high in terms)
        if code:
            found[arm] = code
    return found


def by_seed(code: Mapping[str, int], scores: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """An effect in every seed's block: the mean of the arms coded +1 minus the mean of those coded -1.

    `scores` maps arm -> seed -> value. A seed that lacks a value in any of these arms is left out: the means would
    be over different arms.
    """
    high = [scores[arm] for arm, sign in code.items() if sign > 0]
    low = [scores[arm] for arm, sign in code.items() if sign < 0]
    if not high or not low:
        return {}
    seeds = set.intersection(*(set(values) for values in (*high, *low)))
    return {
        seed: float(np.mean([values[seed] for values in high]) - np.mean([values[seed] for values in low]))
        for seed in sorted(seeds)
    }


def aliasing(signs: Signs) -> dict[tuple[int, ...], dict[tuple[int, ...], float]]:
    """The main effects and two-factor interactions of a design (as column numbers), each with those that its
    estimate contains besides itself and their weights, in -1 .. 1.

    The weight of effect b in the estimate of a is the mean over the runs of the product of their codes: the row of the
    alias matrix (X1'X1)^-1 X1'X2 of orthogonal columns (Box and Wilson 1951; Montgomery, section 8.3). In a regular
    fraction it is -1, 0 or 1; in a Plackett-Burman design it can lie between.
    """
    runs, factors = signs.shape
    effects = [(factor,) for factor in range(factors)] + list(itertools.combinations(range(factors), 2))
    columns = np.stack([np.prod(signs[:, effect], axis=1) for effect in effects], axis=1)
    weights = columns.T @ columns / runs
    return {
        effect: {
            effects[other]: float(weights[row, other])
            for other in np.flatnonzero(np.abs(weights[row]) > _NOTHING)
            if other != row
        }
        for row, effect in enumerate(effects)
    }
