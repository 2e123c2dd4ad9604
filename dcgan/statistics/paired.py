"""Arrays to numbers: what a few paired runs show about a difference, and with what confidence.

Pure functions without state. Intervals are Student's t intervals of paired differences: with 3 to 10 seeds
they keep their nominal coverage, which bootstrap intervals do not. `None` stands for "cannot be estimated",
never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dcgan.common.metrics import Goal

Verdict = Literal["helps", "hurts", "no effect", "inconclusive"]
Interval = tuple[float, float]

OPPOSITE: Mapping[Verdict, Verdict] = {"helps": "hurts", "hurts": "helps"}  # the verdict seen from the other side
CONFIDENCE = 0.95  # of every interval that is shown
EQUIVALENCE_CONFIDENCE = 0.90  # of the interval that must lie within the margin: two one-sided tests at 5 %
MARGIN_SHARE = 0.05  # of the baseline's mean: the default margin within which a difference does not matter


@dataclass(frozen=True)
class Paired:
    """Paired differences, arm minus baseline, and what they estimate, on one scale: the metric's own, or logarithms."""

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

    @property
    def constant(self) -> bool:
        """Whether all differences are the same and not 0 (rounded metrics): no spread, so nothing to judge them by."""
        return self.sd == 0.0 and self.difference != 0.0

    def turned(self) -> Paired:
        """Baseline minus arm."""
        return replace(
            self,
            differences={seed: -value for seed, value in self.differences.items()},
            difference=None if self.difference is None else -self.difference,
            interval=turned(self.interval),
            equivalence=turned(self.equivalence),
        )


def turned(interval: Interval | None) -> Interval | None:
    """The interval of the opposite difference."""
    return None if interval is None else (-interval[1], -interval[0])


def compare(arm: Mapping[int, float], baseline: Mapping[int, float]) -> Paired:
    """Compares two arms seed by seed (seed -> finite metric); seeds that only one has are left out.

    Args:
        arm: (n,) metric values by seed.
        baseline: (m,) metric values by seed.

    Returns:
        The differences of the (k,) seeds that both have, k <= min(n, m), and what they estimate.

    Example:
        >>> compare({0: 31.0, 1: 29.5, 2: 30.0}, {0: 35.0, 1: 34.0, 3: 33.0}).differences
        {0: -4.0, 1: -4.5}
    """
    seeds = sorted(set(arm) & set(baseline))
    magnitude = max((max(abs(arm[seed]), abs(baseline[seed])) for seed in seeds), default=0.0)
    return over_seeds({seed: arm[seed] - baseline[seed] for seed in seeds}, magnitude)


def over_seeds(differences: Mapping[int, float], magnitude: float) -> Paired:
    """What differences that were formed within each seed's block estimate (seed -> difference).

    `differences`: (n,) values by seed. `magnitude`: that of the numbers that they were computed from; rounding noise of
    it counts as exactly 0.

    Example:
        >>> over_seeds({0: -4.0, 1: -4.5, 2: -5.0}, magnitude=35.0).difference
        -4.5
    """
    values = list(differences.values())
    sd = spread(values, magnitude)
    mean = float(np.mean(values)) if values else None
    if sd == 0.0 and mean is not None and abs(mean) <= rounding(magnitude):
        mean = 0.0
    usable_sd = None if sd == 0.0 and mean != 0.0 else sd
    return Paired(
        differences=dict(differences),
        difference=mean,
        sd=sd,
        interval=t_interval(mean, usable_sd, len(values), CONFIDENCE),
        equivalence=t_interval(mean, usable_sd, len(values), EQUIVALENCE_CONFIDENCE),
        p=t_test(mean, sd, len(values)),
    )


def rounding(magnitude: float) -> float:
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
    return 0.0 if sd <= rounding(scale) else sd


def t_interval(mean: float | None, sd: float | None, n: int, confidence: float) -> Interval | None:
    """Student's t interval of a mean: mean -+ t(1 - (1 - confidence) / 2, n - 1) sd / sqrt(n).

    `mean` and `sd` are numbers, of (n,) values; the interval is (low, high), and None where either is None.

    Example:
        >>> low, high = t_interval(-4.5, 0.5, n=3, confidence=0.95)
        >>> round(low, 2), round(high, 2)
        (-5.74, -3.26)
    """
    if mean is None or sd is None:
        return None
    from scipy.stats import t  # late: it takes most of a second, which a misspelt command need not wait for

    half = float(t.isf((1 - confidence) / 2, n - 1)) * sd / math.sqrt(n)
    return mean - half, mean + half


def t_quantile(level: float, df: float) -> float:
    """What |t| exceeds with a probability of `level`; of the normal distribution for infinitely many df."""
    from scipy.special import ndtri, stdtrit

    return float(-ndtri(level / 2) if math.isinf(df) else -stdtrit(df, level / 2))


def t_test(mean: float | None, sd: float | None, n: int) -> float | None:
    """The two-sided p of the paired t test. Without any spread 1 for no difference, and None for any other."""
    if mean is None or sd is None:
        return None
    if sd == 0.0:
        return 1.0 if mean == 0.0 else None
    from scipy.stats import t

    return float(2 * t.sf(abs(mean) / (sd / math.sqrt(n)), n - 1))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p, (m,) -> (m,) in the given order. Comparisons without a p were not tested and do not count.

    Example:
        >>> holm([0.01, None, 0.04, 0.03])
        [0.03, None, 0.06, 0.06]
    """
    tested = sorted((value, index) for index, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, index) in enumerate(tested):
        largest = min(1.0, max(largest, (len(tested) - rank) * value))
        adjusted[index] = largest
    return adjusted


def holm_levels(p: Sequence[float | None], adjusted: Sequence[float | None], alpha: float) -> list[float]:
    """The level each comparison is held to by Holm's procedure at `alpha`: (m,) p and (m,) adjusted p -> (m,) levels.

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

    Example:
        >>> verdict(-4.5, 0.01, (-5.3, -3.7), margin=1.0, goal="minimize", alpha=0.05)
        'helps'
    """
    if difference is not None and p_adjusted is not None and p_adjusted < alpha:
        return "helps" if (difference < 0) == (goal == "minimize") else "hurts"
    return "no effect" if within(equivalence, margin) else "inconclusive"


def failure_test(failed: int, ended: int, baseline_failed: int, baseline_ended: int) -> float | None:
    """Fisher's exact two-sided p for two failure counts; None where an arm has no run that ended.

    Treats the arms as independent: pairing by seed, where it matters, makes this cautious. Not corrected for
    several such tests.
    """
    if not ended or not baseline_ended:
        return None
    table = np.array([[failed, ended - failed], [baseline_failed, baseline_ended - baseline_failed]])
    from scipy.stats import fisher_exact

    return float(fisher_exact(table).pvalue)
