"""Successive t statistics of one growing sample under the null hypothesis: an exact Markov chain on a grid.

Let S and Q be the sum and the sum of squares of n independent normal differences of mean 0, and U = S / sqrt(Q). Q is
complete and sufficient for the variance and the U of all sample sizes up to n do not depend on it, so by Basu's theorem
they are independent of Q. With one difference x more, U' = (U + r) / sqrt(1 + r^2), where r = x / sqrt(Q) is
independent of the past and r * sqrt(n) has Student's t distribution with n degrees of freedom. So U, and with it
t = U * sqrt((n - 1) / (n - U^2)), is a Markov chain whose law is known exactly for every n: the recursive integration
of Armitage, McPherson & Rowe (1969, J. R. Stat. Soc. A 132, 235) needs no normal approximation. Jennison & Turnbull
(1991, Biometrika 78, 133) is the same idea for sums and sums of squares.

States are cells of z, the normal score of t: z is standard normal at every n.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

Array = NDArray[np.float64]

_REACH, _CELLS = 7.0, 280  # two-sided p down to 2.6e-12; cells of 0.05
EDGES: Array = np.linspace(-_REACH, _REACH, _CELLS + 1)
_POINTS = (-0.5 / 3**0.5, 0.5 / 3**0.5)  # Gauss-Legendre with two nodes a cell


def beginning() -> Array:
    """The probability of each cell at the first look, whatever its sample size; sums to 1."""
    return np.diff(ndtr(_open(EDGES)))


@lru_cache(maxsize=64)
def step(n: int) -> Array:
    """P[i, j]: the probability of cell j with n + 1 differences, given cell i with n >= 2 of them."""
    width = EDGES[1] - EDGES[0]
    within = [(EDGES[1:] + EDGES[:-1]) / 2 + point * width for point in _POINTS]
    weights = [np.exp(-(z**2) / 2) for z in within]
    later = _ratio(EDGES[_CELLS // 2 : -1], n + 1)
    above = sum(weight[:, None] * _exceeds(_ratio(z, n), later, n) for z, weight in zip(within, weights, strict=True))
    above /= sum(weights)[:, None]
    # The negative thresholds by symmetry, from the largest down; beyond the outer edges there is nothing.
    upper = np.column_stack([above, np.zeros(_CELLS)])
    exceeds = np.column_stack([1.0 - upper[::-1, :0:-1], upper])
    return np.clip(-np.diff(exceeds, axis=1), 0.0, 1.0)


def _open(edges: Array) -> Array:
    return np.concatenate([[-np.inf], edges[1:-1], [np.inf]])


def _ratio(z: Array, n: int) -> Array:
    """U of a normal score z with n differences."""
    t = np.sign(z) * -stdtrit(n - 1, ndtr(-np.abs(z)))
    return np.asarray(np.sqrt(n) * t / np.sqrt(n - 1 + t**2))


def _exceeds(u: Array, v: Array, n: int) -> Array:
    """P(U' > v | U = u) for each u (rows) and each v >= 0 (columns), by the r with (u + r) / sqrt(1 + r^2) > v."""
    u, v = u[:, None], v[None, :]
    s = np.sqrt(np.maximum(1.0 + u**2 - v**2, 0.0))
    size = np.abs(u) + v * s
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(v < 1.0, np.inf, size / (v**2 - 1.0))
        low = np.where(u > 0.0, (v**2 - u**2) / size, np.where(v < 1.0, size / (1.0 - v**2), np.inf))
    high = np.where(u > 0.0, far, np.inf)
    chance = stdtr(n, -low * np.sqrt(n)) - stdtr(n, -high * np.sqrt(n))
    return np.where(s > 0.0, chance, 0.0)
