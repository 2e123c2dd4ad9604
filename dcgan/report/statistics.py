"""Arrays to numbers: what a few paired runs say about a difference, and how sure one can be.

Pure functions without state. Intervals are Student's t intervals of paired differences: with 3 to 10 seeds
they keep their nominal coverage, which bootstrap intervals do not. `None` stands for "cannot be estimated",
never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, fisher_exact, nct, t
from statsmodels.stats.multitest import multipletests

Goal = Literal["minimize", "maximize"]
Verdict = Literal["helps", "hurts", "no effect", "inconclusive"]
Interval = tuple[float, float]

CONFIDENCE = 0.95  # of every interval that is shown
EQUIVALENCE_CONFIDENCE = 0.90  # of the interval that must lie within the margin: two one-sided tests at 5 %
POWER = 0.80  # the probability with which a planned number of seeds is to settle a comparison
MARGIN_SHARE = 0.05  # of the baseline's mean: the default margin within which a difference does not matter
MOST_SEEDS = 10_000  # a plan for more is no plan


@dataclass(frozen=True)
class Paired:
    """Paired differences, arm minus baseline, and what they estimate. All in the metric's own units."""

    differences: Mapping[int, float]
    difference: float | None
    sd: float | None
    interval: Interval | None
    equivalence: Interval | None
    p: float | None

    @property
    def pairs(self) -> int:
        """The number of seeds that both arms finished."""
        return len(self.differences)


def paired(arm: Mapping[int, float], baseline: Mapping[int, float]) -> Paired:
    """Compares two arms seed by seed (seed -> finite metric); seeds that only one has are left out."""
    seeds = sorted(set(arm) & set(baseline))
    values = [arm[seed] - baseline[seed] for seed in seeds]
    magnitude = max((max(abs(arm[seed]), abs(baseline[seed])) for seed in seeds), default=0.0)
    sd = spread(values, magnitude)
    mean = float(np.mean(values)) if values else None
    if sd == 0.0 and mean is not None and abs(mean) <= _noise(magnitude):
        mean = 0.0
    return Paired(
        differences=dict(zip(seeds, values, strict=True)),
        difference=mean,
        sd=sd,
        interval=t_interval(mean, sd, len(values), CONFIDENCE),
        equivalence=t_interval(mean, sd, len(values), EQUIVALENCE_CONFIDENCE),
        p=t_test(mean, sd, len(values)),
    )


def _noise(magnitude: float) -> float:
    """What rounding alone may leave between numbers of that magnitude."""
    return 8 * float(np.finfo(float).eps) * magnitude


def spread(values: Sequence[float], magnitude: float = 0.0) -> float | None:
    """The sample standard deviation (n - 1); None below two values; rounding noise counts as exactly 0.

    `magnitude`: that of the numbers that `values` were computed from, where it is larger than theirs.
    """
    if len(values) < 2:
        return None
    scale = max(magnitude, *(abs(value) for value in values))
    if scale == 0.0:
        return 0.0
    sd = float(np.std(np.asarray(values) / scale, ddof=1)) * scale
    return 0.0 if sd <= _noise(scale) else sd


def t_interval(mean: float | None, sd: float | None, n: int, confidence: float) -> Interval | None:
    """Student's t interval of a mean: mean -+ t(1 - (1 - confidence) / 2, n - 1) sd / sqrt(n)."""
    if mean is None or sd is None:
        return None
    half = float(t.isf((1 - confidence) / 2, n - 1)) * sd / math.sqrt(n)
    return mean - half, mean + half


def t_test(mean: float | None, sd: float | None, n: int) -> float | None:
    """The two-sided p of the paired t test. Without any spread, its limit: 1 for no difference, else 0."""
    if mean is None or sd is None:
        return None
    if sd == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2 * t.sf(abs(mean) / (sd / math.sqrt(n)), n - 1))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p, in the given order. Comparisons without a p were not tested and do not count."""
    tested = [value for value in p if value is not None]
    if not tested:
        return [None] * len(p)
    adjusted = iter(multipletests(tested, method="holm")[1])
    return [None if value is None else float(next(adjusted)) for value in p]


def holm_levels(p: Sequence[float | None], adjusted: Sequence[float | None], alpha: float) -> list[float]:
    """The level each comparison is held to by Holm's procedure at `alpha`, given its adjusted p, in the given order.

    With m tests and r of them rejected: alpha / (m - k + 1) for the k-th smallest p among the rejected, and
    alpha / (m - r) for all others: the hurdle in front of which the procedure stopped.
    """
    pairs = list(zip(p, adjusted, strict=True))
    rejected = sorted(value for value, q in pairs if value is not None and q is not None and q < alpha)
    tested = sum(value is not None for value in p)
    open_level = alpha / max(tested - len(rejected), 1)
    levels = []
    for value, q in pairs:
        if value is not None and q is not None and q < alpha:
            levels.append(alpha / (tested - rejected.index(value)))
        else:
            levels.append(open_level)
    return levels


def within(interval: Interval | None, margin: float | None) -> bool:
    """Whether an interval lies within -margin .. margin."""
    return interval is not None and margin is not None and -margin <= interval[0] and interval[1] <= margin


def verdict(
    difference: float | None,
    p_adjusted: float | None,
    equivalence: Interval | None,
    *,
    margin: float | None,
    goal: Goal,
    alpha: float,
) -> Verdict:
    """What a comparison comes to.

    `helps` or `hurts` if the adjusted p is below alpha, by the sign of the difference and the goal; else `no
    effect` if the 90 % interval lies within the margin (two one-sided tests); else `inconclusive`.
    """
    if difference is not None and p_adjusted is not None and p_adjusted < alpha:
        return "helps" if (difference < 0) == (goal == "minimize") else "hurts"
    return "no effect" if within(equivalence, margin) else "inconclusive"


def power_of_difference(effect: float, n: int, alpha: float) -> float:
    """The probability that the two-sided paired t test at `alpha` finds a true `effect`, n pairs.

    `effect` is in units of sd. Exact, by the noncentral t distribution. The lower tail is taken by symmetry:
    computed directly, as statsmodels does, it is NaN for many large effects.
    """
    critical = float(t.isf(alpha / 2, n - 1))
    shift = abs(effect) * math.sqrt(n)
    return float(nct.sf(critical, n - 1, shift) + nct.sf(critical, n - 1, -shift))


def power_of_equivalence(effect: float, margin: float, n: int) -> float:
    """The probability that the paired 90 % interval lies within the margin, n pairs.

    `effect` and `margin` are in units of sd.     A lower bound: both one-sided tests succeed at least as
    often as P(one) + P(other) - 1.
    """
    critical = float(t.isf((1 - EQUIVALENCE_CONFIDENCE) / 2, n - 1))
    above = float(nct.sf(critical, n - 1, (margin + effect) * math.sqrt(n)))
    below = float(nct.sf(critical, n - 1, (margin - effect) * math.sqrt(n)))
    return max(0.0, above + below - 1.0)


def seeds_needed(
    difference: float | None, sd: float | None, *, level: float, margin: float | None, more_than: int = 1
) -> int | None:
    """The smallest number of seeds, above `more_than`, that settles a comparison with 80 % probability.

    Settled means: the difference is found by the paired t test at `level` (the one of `holm_levels`), or it
    is shown to lie within the margin by two one-sided tests, whichever takes fewer seeds. The observed
    difference and spread are taken for the true ones; from few seeds they are rough, and so is this number.
    None if the spread is unknown (fewer than two pairs) or more than 10,000 seeds would not do.
    """
    if difference is None or sd is None:
        return None
    if sd == 0.0:
        return more_than + 1
    effect, reach = difference / sd, (margin or 0.0) / sd
    routes = [_fewest(lambda n: power_of_difference(effect, n, level), more_than + 1)]
    if abs(effect) < reach:
        routes.append(_fewest(lambda n: power_of_equivalence(effect, reach, n), more_than + 1))
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


def resolvable_difference(sd: float | None, n: int, alpha: float = 0.05) -> float | None:
    """The smallest true difference that n pairs find with 80 % probability at `alpha`, in the units of `sd`.

    `sd` is that of the paired differences; for m comparisons under Holm the strictest level is alpha / m.
    None for fewer than two pairs or an unknown spread.
    """
    if sd is None or n < 2:
        return None
    high = 1.0
    while power_of_difference(high, n, alpha) < POWER:
        high *= 2.0
    return sd * float(brentq(lambda effect: power_of_difference(effect, n, alpha) - POWER, 0.0, high))


def typical_spread(spreads: Sequence[tuple[float | None, int]]) -> float | None:
    """The common spread behind several (sd, n), in spite of a few that are far off; None if none is known.

    The median of sd / sqrt(m), where m is the median of chi-square with n - 1 degrees of freedom divided by n - 1:
    for equal normal spreads it is centred on the true one, which the median of the sds alone would understate.
    """
    known = [sd / math.sqrt(chi2.median(n - 1) / (n - 1)) for sd, n in spreads if sd is not None]
    return float(np.median(known)) if known else None


def failure_test(failed: int, ended: int, baseline_failed: int, baseline_ended: int) -> float | None:
    """Fisher's exact two-sided p for two failure counts; None where an arm has no run that ended.

    Treats the arms as independent: pairing by seed, where it matters, makes this cautious.
    """
    if not ended or not baseline_ended:
        return None
    table = np.array([[failed, ended - failed], [baseline_failed, baseline_ended - baseline_failed]])
    return float(fisher_exact(table).pvalue)
