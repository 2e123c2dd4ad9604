"""Variances that borrow strength from each other: moderated t statistics of many comparisons with few pairs each.

The variance of a comparison's differences is taken for a draw from a scaled inverse chi-square prior whose degrees of
freedom and scale are fitted to all comparisons together (Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3, article 3,
sections 4 and 6.2, as in limma's `fitFDist`). Three things are added against a comparison whose spread is its own: one
far above the others is left out of the fit and keeps its own variance (in the spirit of Phipson et al. 2016, Ann. Appl.
Stat. 10, 946); what was left out shows that spreads differ, which the fit does not see any more, so that the prior has
few degrees of freedom at most; and no variance is ever made smaller than it was seen: small ones are raised to what the
others show, which is where few pairs mislead, and large ones stay. Pure functions; the leading axis counts studies, so
that thousands of simulated ones are moderated at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma, stdtr

Array = NDArray[np.float64]

# Degrees of freedom of the prior. A fit is rounded down to one of them: cautious, and null distributions can be kept.
PRIOR_DF: Array = np.array([0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 50.0, np.inf])
_OUTLYING = 1.75  # robust deviations of the log variance above the median: farther out a spread is its own
_LEAST_DEVIATION = 0.5  # of what chance alone gives log variances: half of the comparisons can lie close by chance
_LEFT_OUT: Array = np.array([0.05, 0.1, 0.2])  # shares of the comparisons; with at most those left out, the prior has
_MOST_DF: Array = np.array(
    [np.inf, 4.0, 2.0, 1.0]
)  # at most that many degrees of freedom, and beyond the last one these
_MANY = 1e6  # degrees of freedom that stand for infinitely many where a finite number is needed


@dataclass(frozen=True)
class Moderated:
    """Moderated statistics of [studies, comparisons].

    `se`: standard errors of the means; `df`: degrees of freedom of `mean / se`; `prior`: [studies], the index in
    PRIOR_DF of the fitted prior; `scale`: [studies], the prior's variance; `shared`: whether a comparison takes part.
    """

    se: Array
    df: Array
    prior: NDArray[np.int64]
    scale: Array
    shared: NDArray[np.bool_]

    def p(self, means: Array) -> Array:
        """The two-sided p of each comparison alone, against a true mean of 0."""
        return two_sided(np.abs(means) / self.se, self.df)


def two_sided(t: Array | float, df: Array | float) -> Array:
    """P(|T| > t) for Student's t; infinitely many degrees of freedom are allowed."""
    p: Array = 2.0 * stdtr(np.minimum(df, _MANY), -np.abs(t))
    return p


def moderate(variances: Array, pairs: NDArray[np.int64]) -> Moderated:
    """Moderates the variances of paired differences.

    Args:
        variances: [studies, comparisons], positive, with n - 1 in the denominator.
        pairs: [comparisons], how many differences each is of, 2 or more.
    """
    df = pairs.astype(np.float64) - 1.0
    with np.errstate(divide="ignore"):
        logs = np.log(variances)
    shared = _together(logs, df)
    prior, scale = _fit(logs, df, shared)
    prior_df = PRIOR_DF[prior][:, None]
    weight = np.where(np.isinf(prior_df), 1.0, np.minimum(prior_df, _MANY) / (np.minimum(prior_df, _MANY) + df))
    posterior = weight * scale[:, None] + (1.0 - weight) * variances
    posterior = np.where(shared, np.maximum(posterior, variances), variances)
    return Moderated(
        se=np.sqrt(posterior / pairs),
        df=np.where(shared, prior_df + df, df),
        prior=prior,
        scale=scale,
        shared=shared,
    )


def _together(logs: Array, df: Array) -> NDArray[np.bool_]:
    """Which comparisons share a prior: those whose log variance is not far above the median."""
    middle = np.median(logs, axis=1, keepdims=True)
    deviation = 1.4826 * np.median(np.abs(logs - middle), axis=1, keepdims=True)
    least = _LEAST_DEVIATION * np.sqrt(np.mean(polygamma(1, df / 2)))
    together: NDArray[np.bool_] = logs <= middle + _OUTLYING * np.maximum(deviation, least)
    return together


def _fit(logs: Array, df: Array, shared: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Array]:
    """The prior of each study by the moments of log variances: the index of its degrees of freedom, and its variance.

    E log s^2 = log s0^2 + digamma(d/2) - log(d/2) - digamma(d0/2) + log(d0/2), and var log s^2 = trigamma(d/2) +
    trigamma(d0/2). The variance seen is enlarged by half of its own standard error: from few comparisons it is rough,
    and a prior that is too narrow is the dangerous side.
    """
    centred = logs - digamma(df / 2) + np.log(df / 2)
    count = shared.sum(axis=1)
    mean = np.sum(centred, axis=1, where=shared) / count
    squares = np.sum((centred - mean[:, None]) ** 2, axis=1, where=shared)
    spread = squares / np.maximum(count - 1, 1) * (1.0 + 0.5 * np.sqrt(2.0 / np.maximum(count - 1, 1)))
    noise = np.sum(np.broadcast_to(polygamma(1, df / 2), logs.shape), axis=1, where=shared) / count
    widths = np.append(polygamma(1, PRIOR_DF[:-1] / 2), 0.0)  # falling
    prior = np.clip(len(PRIOR_DF) - np.searchsorted(widths[::-1], spread - noise, side="left") - 1, 0, None)
    left_out = np.searchsorted(_LEFT_OUT, (shared.shape[1] - count) / shared.shape[1], side="left")
    prior = np.minimum(prior, np.searchsorted(PRIOR_DF, _MOST_DF)[left_out])
    finite = np.minimum(PRIOR_DF[prior], _MANY)
    return prior, np.exp(mean + digamma(finite / 2) - np.log(finite / 2))
