"""Contrasts: what the arms of a design say together of each factor, and what they cannot tell apart.

Pure functions. Two levels are coded -1 (low) and +1 (high), an interaction by the product of its factors' codes
(Montgomery, Design and Analysis of Experiments, chapters 6 to 8).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Term = tuple[str, str, str]  # a factor, its low and its high level
Signs = NDArray[np.float64]  # [runs, factors], each -1 or +1

_NOTHING = 1e-9  # a weight of aliasing below it is rounding


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
