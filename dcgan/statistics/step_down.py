"""Adjusted p of many comparisons with one baseline, by the simulated distribution of the largest |t|.

Step-down of Westfall & Young (1993, Resampling-Based Multiple Testing, algorithm 2.8), with studies simulated under the
fitted prior in place of resampled ones: arms that are all like the baseline, which they share, with spreads drawn from
the prior and the prior fitted anew in each study. So the shared baseline and the roughness of the fit are allowed for;
with equal spreads and many seeds it is Dunnett's procedure.

One comparison with a spread of its own is what sharing spreads must fear: by chance it can look like the others, and is
then found too easily. So p is the larger of two: under the prior alone, and with the comparison in question spread
`ODD` times as wide as the prior has it. docs/statistics.md shows what that holds.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dcgan.statistics.moderation import PRIOR_DF, Array, moderate

_STUDIES = 20_000  # simulated for a null distribution; the error of a p of .05 is .0015
_LEAST_STUDIES = 5_000  # of many comparisons; the error is .003
_CELLS = 1_000_000  # comparisons simulated at most, beyond the least
NOISY_BASELINE = 6.0  # how many times wider than the arms the baseline may be spread where "no effect" is said
ODD = 6.0  # how many times wider than the prior the comparison in question may be spread
_SEED = 20261129  # of the simulation: the same runs give the same bytes


def adjust(t: Array, prior: NDArray[np.int64], pairs: tuple[int, ...]) -> Array:
    """The adjusted p of every comparison, in the order of `t`.

    Args:
        t: [studies, comparisons], |t| of each, moderated.
        prior: [studies], the index in PRIOR_DF of the fitted prior.
        pairs: [comparisons], the number of pairs of each, 2 or more.
    """
    if len(set(pairs)) > 1:
        return np.stack([_adjust_one(row, int(index), pairs) for row, index in zip(t, prior, strict=True)])
    order = np.argsort(-t, axis=1, kind="stable")
    falling = np.take_along_axis(t, order, axis=1)
    by_rank = np.empty_like(t)
    for index in np.unique(prior):
        here = prior == index
        tables = _largest_of_first(pairs, int(index)), _largest_of_first(pairs, int(index), 0)
        for rank in range(len(pairs)):
            left = len(pairs) - rank  # those that have not been rejected before
            shares = [_share_sorted(table[left - 1], falling[here, rank]) for table in tables]
            by_rank[here, rank] = np.maximum(*shares)
    adjusted = np.empty_like(t)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(by_rank, axis=1), axis=1)
    return adjusted


def critical_value(prior: int, pairs: tuple[int, ...], alpha: float) -> float:
    """What the largest |t| of all comparisons exceeds with a probability of at most `alpha`."""
    return critical_value_of(prior, pairs, alpha, np.arange(len(pairs)))


def critical_value_of(prior: int, pairs: tuple[int, ...], alpha: float, left: NDArray[np.int64]) -> float:
    """The same of the comparisons `left`."""
    first_of_each = {pairs[index]: int(index) for index in left[::-1]}
    nulls = [null(pairs, prior)[left].max(axis=0)]
    nulls += [_largest_with_odd(pairs, prior, index, left) for index in first_of_each.values()]
    return max(float(np.quantile(largest, 1.0 - alpha)) for largest in nulls)


def single_value(prior: int, pairs: tuple[int, ...], index: int, alpha: float, baseline: float = 1.0) -> float:
    """What |t| of one comparison exceeds with a probability of at most `alpha`; `baseline`: as `null` has it."""
    return _single_value(prior, pairs, pairs[index], alpha, baseline)


def equivalence_value(prior: int, pairs: tuple[int, ...], index: int, alpha: float) -> float:
    """The same for "no effect", which is also to hold where the baseline is what varies most.

    Then all differences move together, and how wide they are is known from little more than one arm.
    """
    return max(single_value(prior, pairs, index, alpha, baseline) for baseline in (1.0, NOISY_BASELINE))


@lru_cache(maxsize=64)
def _single_value(prior: int, pairs: tuple[int, ...], count: int, alpha: float, baseline: float) -> float:
    return float(np.quantile(_alike(prior, pairs, count, baseline), 1.0 - alpha))


def single_p(t: Array, prior: int, pairs: tuple[int, ...], index: int) -> Array:
    """The probability that |t| of one comparison is at least t, of any shape, where its arm is like the baseline."""
    return _share_sorted(_alike(prior, pairs, pairs[index]), t)


@lru_cache(maxsize=32)
def _alike(prior: int, pairs: tuple[int, ...], count: int, baseline: float = 1.0) -> Array:
    """The simulated |t|, sorted, of all comparisons with so many pairs."""
    return np.sort(null(pairs, prior, baseline=baseline)[np.flatnonzero(np.array(pairs) == count)], axis=None)


@lru_cache(maxsize=64)
def _largest_of_first(pairs: tuple[int, ...], prior: int, odd: int | None = None) -> Array:
    """[comparisons, studies]: row k holds, sorted, the largest |t| of the first k + 1 comparisons.

    With as many pairs in each, any k + 1 are like the first ones; the odd one is always among them.
    """
    return np.sort(np.maximum.accumulate(null(pairs, prior, odd), axis=0), axis=1)


def _adjust_one(t: Array, prior: int, pairs: tuple[int, ...]) -> Array:
    """The same for one study whose comparisons have unequal numbers of pairs."""
    order = np.argsort(-t, kind="stable")
    adjusted = np.empty(len(t))
    # Row k: the largest of the comparisons that are left when k have been rejected.
    largest = np.maximum.accumulate(null(pairs, prior)[order[::-1]], axis=0)[::-1]
    for rejected, index in enumerate(order):
        odd = _largest_with_odd(pairs, prior, int(index), order[rejected:])
        adjusted[index] = max(_share(largest[rejected], t[index]), _share(odd, t[index]))
    adjusted[order] = np.maximum.accumulate(adjusted[order])
    return adjusted


def _share(largest: Array, t: float) -> float:
    """How often the largest |t| of a simulated study is at least t; never 0 (Phipson & Smyth 2010)."""
    return float((np.count_nonzero(largest >= t) + 1) / (len(largest) + 1))


def _share_sorted(largest: Array, t: Array) -> Array:
    """The same of many t, where `largest` is sorted."""
    share: Array = (len(largest) - np.searchsorted(largest, t, side="left") + 1) / (len(largest) + 1)
    return share


def _largest_with_odd(pairs: tuple[int, ...], prior: int, index: int, left: NDArray[np.int64]) -> Array:
    """The largest |t| of the comparisons `left`, where that of `index`, one of them, is spread oddly."""
    place = pairs.index(pairs[index])  # the simulated odd one stands first of those with so many pairs
    rows = left.copy()
    rows[left == index] = place
    rows[left == place] = index
    result: Array = null(pairs, prior, place)[rows].max(axis=0)
    return result


@lru_cache(maxsize=64)
def null(pairs: tuple[int, ...], prior: int, odd: int | None = None, baseline: float = 1.0) -> Array:
    """[comparisons, studies], |t| of simulated studies in which no arm differs from the baseline.

    `odd`: the comparison that is spread ODD times as wide. Arms and baseline have normal noise; the arms' variances are
    drawn from the prior, the baseline has `baseline` times the standard deviation of its scale; seeds are nested: a
    comparison of k pairs has the first k.

    Of the noise only what means and variances need is drawn, so that it costs as much with 1,000 seeds as with 3: means
    are normal, and an arm's deviations are split into the part along those of the baseline, which is normal, too, and
    the rest, whose square is chi-squared with k - 2 degrees of freedom.
    """
    random = np.random.default_rng([_SEED, prior, 0 if odd is None else 1 + odd])
    comparisons = len(pairs)
    studies = min(_STUDIES, max(_LEAST_STUDIES, _CELLS // comparisons))
    df = PRIOR_DF[prior]
    spread = np.ones((studies, comparisons))
    if np.isfinite(df):
        spread = np.sqrt(df / random.chisquare(df, (studies, comparisons)))
    shared = _first_of(random, sorted(set(pairs)), studies)
    means, variances = np.empty((studies, comparisons)), np.empty((studies, comparisons))
    for arm, count in enumerate(pairs):
        mean = random.standard_normal(studies) / np.sqrt(count)
        along, rest = random.standard_normal(studies), _squares(random, count - 2, studies)
        if arm == odd:
            means[:, arm] = mean * ODD * np.sqrt(2.0)
            squares = (along**2 + rest) * ODD**2 * 2.0
        else:
            scale, (shared_mean, shared_squares) = spread[:, arm], shared[count]
            means[:, arm] = scale * mean - baseline * shared_mean
            squares = (scale * along - baseline * np.sqrt(shared_squares)) ** 2 + scale**2 * rest
        variances[:, arm] = squares / (count - 1)
    return np.ascontiguousarray((np.abs(means) / moderate(variances, np.array(pairs)).se).T)


def _first_of(random: np.random.Generator, counts: list[int], studies: int) -> dict[int, tuple[Array, Array]]:
    """Of the first k of as many standard normal numbers, for each k of `counts` (rising): [studies], their mean and
    their sum of squares about it."""
    first: dict[int, tuple[Array, Array]] = {}
    mean, squares, before = np.zeros(studies), np.zeros(studies), 0
    for count in counts:
        more = count - before
        apart = random.standard_normal(studies) / np.sqrt(more) - mean
        squares = squares + _squares(random, more - 1, studies) + apart**2 * before * more / count
        mean, before = mean + apart * more / count, count
        first[count] = mean, squares
    return first


def _squares(random: np.random.Generator, df: int, studies: int) -> Array:
    """[studies] chi-squared numbers; zeros for no degrees of freedom."""
    return random.chisquare(df, studies) if df else np.zeros(studies)
