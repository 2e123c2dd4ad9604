"""What so many seeds can find: the power of the (moderated) t test and of two one-sided tests. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, nct, t

from dcgan.statistics.paired import EQUIVALENCE_CONFIDENCE

POWER = 0.80  # the probability with which a planned number of seeds is to settle a comparison
MOST_SEEDS = 10_000  # a plan for more is no plan
_MANY = 1e6  # degrees of freedom that stand for infinitely many


def power_of_difference(effect: float, n: int, alpha: float, prior_df: float = 0.0) -> float:
    """The probability that the two-sided paired t test at `alpha` finds a true `effect`, n pairs.

    `effect` is in units of sd; `prior_df` are the degrees of freedom that other comparisons add to the n - 1. Exact, by
    the noncentral t distribution. The lower tail is taken by symmetry: computed directly, as statsmodels does, it is
    NaN for many large effects.
    """
    df = _df(n, prior_df)
    critical = float(t.isf(alpha / 2, df))
    shift = abs(effect) * math.sqrt(n)
    return float(nct.sf(critical, df, shift) + nct.sf(critical, df, -shift))


def power_of_equivalence(effect: float, margin: float, n: int, prior_df: float = 0.0) -> float:
    """The probability that the paired 90 % interval lies within the margin, n pairs.

    `effect` and `margin` are in units of sd. A lower bound: both one-sided tests succeed at least as
    often as P(one) + P(other) - 1.
    """
    df = _df(n, prior_df)
    critical = float(t.isf((1 - EQUIVALENCE_CONFIDENCE) / 2, df))
    above = float(nct.sf(critical, df, (margin + effect) * math.sqrt(n)))
    below = float(nct.sf(critical, df, (margin - effect) * math.sqrt(n)))
    return max(0.0, above + below - 1.0)


def _df(n: int, prior_df: float) -> float:
    return min(n - 1 + prior_df, _MANY)


def seeds_needed(
    difference: float | None,
    sd: float | None,
    *,
    level: float,
    margin: float | None,
    more_than: int = 1,
    prior_df: float = 0.0,
) -> int | None:
    """The smallest number of seeds, above `more_than`, that settles a comparison with 80 % probability.

    Settled means: the difference is found by the t test at `level`, whose degrees of freedom are n - 1 + `prior_df`
    (moderated estimates: their critical values are taken to follow the level), or it is shown to lie within the margin
    by two one-sided tests, whichever takes fewer seeds. The observed difference and spread are taken for the true
    ones; from few seeds they are rough, and so is this number.
    None if the spread is unknown (fewer than two pairs) or more than 10,000 seeds would not do.
    """
    if difference is None or sd is None:
        return None
    if sd == 0.0:
        return more_than + 1
    effect, reach = difference / sd, (margin or 0.0) / sd
    routes = [_fewest(lambda n: power_of_difference(effect, n, level, prior_df), more_than + 1)]
    if abs(effect) < reach:
        routes.append(_fewest(lambda n: power_of_equivalence(effect, reach, n, prior_df), more_than + 1))
    return min((n for n in routes if n is not None), default=None)


def _fewest(power: Callable[[int], float], least: int) -> int | None:
    """The smallest n from `least` to MOST_SEEDS with enough power, which grows with n; by bisection."""
    low, high = max(least, 2), MOST_SEEDS
    if low > high or power(high) < POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle + 1, high)
    return low


def resolvable_difference(sd: float | None, n: int, alpha: float = 0.05, prior_df: float = 0.0) -> float | None:
    """The smallest true difference that n pairs find with 80 % probability at `alpha`, in the units of `sd`.

    `sd` is that of the paired differences; for m comparisons under Holm the strictest level is alpha / m. `prior_df`:
    as in `power_of_difference`. None for fewer than two pairs or an unknown spread.
    """
    if sd is None or n < 2:
        return None
    high = 1.0
    while power_of_difference(high, n, alpha, prior_df) < POWER:
        high *= 2.0
    return sd * float(brentq(lambda effect: power_of_difference(effect, n, alpha, prior_df) - POWER, 0.0, high))


def typical_spread(spreads: Sequence[tuple[float | None, int]]) -> float | None:
    """The common spread behind several (sd, n), in spite of a few that are far off; None if none is known.

    The median of sd / sqrt(m), where m is the median of chi-square with n - 1 degrees of freedom divided by n - 1:
    for equal normal spreads it is centred on the true one, which the median of the sds alone would understate.
    """
    unbiased = [sd / math.sqrt(chi2.median(n - 1) / (n - 1)) for sd, n in spreads if sd is not None]
    return float(np.median(unbiased)) if unbiased else None
