"""What so many seeds can resolve: the power of the paired t test. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, norm, t

_STEPS = 4000


def detectable(pairs: int, comparisons: int, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """The smallest true mean difference, in standard deviations of the paired differences, that a two-sided
    paired t test finds with that power.

    The level is Holm's for the first of `comparisons` hypotheses, alpha / comparisons. None for fewer than 2
    pairs.
    """
    if pairs < 2:
        return None
    freedom = pairs - 1
    critical = t.ppf(1 - alpha / max(1, comparisons) / 2, freedom)

    # T = (Z + shift) / sqrt(V / freedom): the mean over V's quantiles of what Z alone decides. scipy's own
    # noncentral t distribution is NaN for the large shifts that few seeds need.
    quantiles = (np.arange(_STEPS) + 0.5) / _STEPS
    bound = critical * np.sqrt(chi2.ppf(quantiles, freedom) / freedom)

    def shortfall(effect: float) -> float:
        shift = effect * math.sqrt(pairs)
        found = norm.sf(bound - shift) + norm.cdf(-bound - shift)
        return float(found.mean()) - power

    return float(brentq(shortfall, 0.0, 4 * critical, xtol=1e-6))


def sd_of_differences(values: Mapping[str, Mapping[int, float]], baseline: str) -> float | None:
    """The pooled standard deviation of the arms' paired differences to the baseline.

    `values` maps arm -> seed -> metric. None where no arm shares two seeds with the baseline.
    """
    squares, freedom = 0.0, 0
    reference = values.get(baseline, {})
    for arm, of_seed in values.items():
        differences = [value - reference[seed] for seed, value in of_seed.items() if seed in reference]
        if arm == baseline or len(differences) < 2:
            continue
        squares += float(np.var(differences, ddof=1)) * (len(differences) - 1)
        freedom += len(differences) - 1
    return math.sqrt(squares / freedom) if freedom else None


def sentence(pairs: int, comparisons: int, sd: float | None, metric: str) -> str:
    """The same in words, for people who plan a study."""
    effect = detectable(pairs, comparisons)
    if effect is None:
        return "one seed resolves nothing: give at least 2, better 5 or more"
    if sd is None:
        return (
            f"differences below {effect:.1f} standard deviations of the paired differences will most likely stay "
            f"inconclusive with {pairs} seeds and {comparisons} comparisons"
        )
    return (
        f"differences in {metric} below {effect * sd:.3g} will most likely stay inconclusive with {pairs} seeds and "
        f"{comparisons} comparisons (80 % power; measured sd of the paired differences {sd:.3g})"
    )
