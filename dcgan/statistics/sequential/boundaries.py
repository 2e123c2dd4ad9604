"""How small p must be at each look, and what follows from it: sequential p-values and repeated intervals.

The error rate is spent over the looks by a function of the share of the planned seeds (Lan & DeMets 1983, Biometrika
70, 659), here of the power family alpha * share^2 (Kim & DeMets 1987, Biometrika 74, 149). A look's level is that p of
the paired t test which, crossed for the first time, uses up just what may be spent by then; `markov_chain` gives the
probabilities exactly, for the few seeds there are. The shares are of the seeds that were planned, not of the pairs that
survived, so that nothing seen can change what is spent; the levels are those of the pairs there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.special import log_ndtr

from dcgan.statistics.paired import CONFIDENCE, EQUIVALENCE_CONFIDENCE, Paired, t_interval
from dcgan.statistics.sequential import markov_chain
from dcgan.statistics.sequential.markov_chain import EDGES, Array

SPENDING = 2.0  # the power of the share: 1 spends evenly, 3 is close to O'Brien & Fleming's
ALPHAS: Array = np.concatenate([np.geomspace(1e-10, 0.5, 80), np.linspace(0.52, 0.999, 25)])  # where levels are known


@dataclass(frozen=True)
class Levels:
    """What one look demands. `two_sided[i]`: the level of p where the whole of all looks is to be ALPHAS[i].

    `one_sided`: the level of each of two one-sided tests that err with (1 - EQUIVALENCE_CONFIDENCE) / 2 over all looks.
    Levels are 0 where nothing can be tested yet.
    """

    two_sided: Array
    one_sided: float

    def at(self, alpha: float) -> float:
        """The level of the two-sided p at this look where all looks together are to err with `alpha`."""
        if not self.two_sided.any():
            return 0.0
        return float(np.exp(np.interp(np.log(alpha), np.log(ALPHAS), np.log(self.two_sided))))

    def whole(self, p: float) -> float:
        """The smallest error rate of all looks at which a p of this look is rejected: 1 if none."""
        if not self.two_sided.any() or p >= self.two_sided[-1]:
            return 1.0
        p = max(p, float(self.two_sided[0]))
        return float(np.exp(np.interp(np.log(p), np.log(self.two_sided), np.log(ALPHAS))))


@lru_cache(maxsize=4096)
def levels(pairs: tuple[int, ...], shares: tuple[float, ...], spending: float = SPENDING) -> tuple[Levels, ...]:
    """The levels of each look so far.

    `pairs`: the numbers of pairs at the looks, growing; below 2 nothing is tested. `shares`: the seeds of each look
    as a share of all that are planned, growing, at most 1.
    """
    error = (1.0 - EQUIVALENCE_CONFIDENCE) / 2
    alphas = np.append(ALPHAS, error)
    mass: Array | None = None
    spent = np.zeros(len(alphas))
    by_look = []
    for before, now, share in zip((0, *pairs), pairs, shares, strict=False):
        if now < 2:
            by_look.append(Levels(np.zeros(len(ALPHAS)), 0.0))
            continue
        if mass is None:
            mass = np.tile(markov_chain.beginning(), (len(alphas), 1))
        else:
            for n in range(before, now):
                mass = mass @ markov_chain.step(n)
        due = alphas * share**spending - spent
        spent = alphas * share**spending
        log_tails = np.empty(len(alphas))
        for row, what in enumerate(due):
            log_tails[row] = _absorb(mass[row], float(what), one_sided=row == len(ALPHAS))
        two_sided = np.maximum.accumulate(2.0 * np.exp(log_tails[:-1]))
        by_look.append(Levels(two_sided, float(np.exp(log_tails[-1]))))
    return tuple(by_look)


def _absorb(mass: Array, what: float, *, one_sided: bool) -> float:
    """Takes `what` of probability out of the tail of `mass` (both tails, unless one-sided), in place.

    Returns the logarithm of the normal tail beyond the boundary, one side of it.
    """
    folded = mass if one_sided else mass + mass[::-1]
    tail = np.append(np.cumsum(folded[::-1])[::-1], 0.0)  # beyond each edge; of both sides if folded
    lowest = 0 if one_sided else len(mass) // 2
    cell = min(max(int(np.searchsorted(-tail, -what)) - 1, lowest), len(mass) - 1)
    tiny = np.finfo(float).tiny
    inner, outer = math.log(max(tail[cell], tiny)), math.log(max(tail[cell + 1], tiny))
    fraction = (inner - math.log(max(what, tiny))) / (inner - outer) if inner > outer else 1.0
    fraction = min(max(fraction, 0.0), 1.0)
    edge = EDGES[cell] + fraction * (EDGES[cell + 1] - EDGES[cell])
    remaining = (tail[cell] - what) / folded[cell] if folded[cell] > 0 else 0.0
    for side in (mass,) if one_sided else (mass, mass[::-1]):
        side[cell + 1 :] = 0.0
        side[cell] *= min(max(remaining, 0.0), 1.0)
    return float(log_ndtr(-edge))


def at_look(paired: Paired, level: Levels, p_before: float | None) -> Paired:
    """The same differences with a p and intervals that hold over all looks up to this one.

    p is the sequential p-value: the smallest error rate of all looks at which this or an earlier one, with its
    `p_before`, rejects; the intervals are repeated confidence intervals (Jennison & Turnbull 1989, J. R. Stat. Soc. B
    51, 305), the one for equivalence of one-sided limits. None as in `paired`, and where nothing can be tested yet.
    """
    sd = None if paired.constant else paired.sd
    n, mean = paired.pairs, paired.difference
    tested = n >= 2 and level.one_sided > 0.0
    p_here = None if paired.p is None or not tested else level.whole(paired.p)
    p = min((each for each in (p_before, p_here) if each is not None), default=None)
    if not tested:
        return replace(paired, p=p, interval=None, equivalence=None)
    return replace(
        paired,
        p=p,
        interval=t_interval(mean, sd, n, 1.0 - level.at(1.0 - CONFIDENCE)),
        equivalence=t_interval(mean, sd, n, 1.0 - 2.0 * level.one_sided),
    )
