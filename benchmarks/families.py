"""Many studies of several comparisons at once, analysed as reports do it: what the benchmarks of the statistics share.

Studies are arrays of paired differences, [studies, comparisons, seeds].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from dcgan.statistics import many_to_one, moderation, paired, step_down
from dcgan.statistics.moderation import Array, two_sided
from dcgan.statistics.paired import CONFIDENCE, EQUIVALENCE_CONFIDENCE

Bools = NDArray[np.bool_]
_LEVELS = 1.0 - CONFIDENCE, 1.0 - EQUIVALENCE_CONFIDENCE
_VALUES = step_down.single_value, step_down.equivalence_value


@dataclass(frozen=True)
class Analysis:
    """Of [studies, comparisons]: the adjusted p, and half of the single 95 % and of the single 90 % interval."""

    adjusted: Array
    half: Array
    half_equivalence: Array

    def found(self, alpha: float = 0.05) -> Bools:
        """Which comparisons are settled as different."""
        return np.asarray(self.adjusted < alpha)


def plain(differences: Array) -> Analysis:
    """Paired t tests, each with its own spread, and Holm's procedure."""
    seeds = differences.shape[2]
    se = differences.std(axis=2, ddof=1) / np.sqrt(seeds)
    return by_holm(differences.mean(axis=2), se, np.full(se.shape, seeds - 1.0))


def by_holm(means: Array, se: Array, df: Array) -> Analysis:
    """t tests of given standard errors and degrees of freedom, and Holm's procedure."""
    p = two_sided(np.abs(means) / se, df)
    return Analysis(holm(p), *(quantile(level, df) * se for level in _LEVELS))


def quantile(level: float, df: Array) -> Array:
    """What |t| exceeds with a probability of `level`: `paired.t_quantile` of many degrees of freedom."""
    known = np.isfinite(df)
    return np.where(known, -stdtrit(np.where(known, df, 1.0), level / 2), -ndtri(level / 2))


def holm(p: Array) -> Array:
    """Holm's adjusted p of each study."""
    return np.array([paired.holm(row) for row in p.tolist()], dtype=float)


def moderated(differences: Array) -> Analysis:
    """What `many_to_one` makes of studies without lost runs: three comparisons or more share their spreads."""
    _, comparisons, seeds = differences.shape
    if comparisons < many_to_one.FEWEST_SHARED:
        return plain(differences)
    pairs = (seeds,) * comparisons
    means = differences.mean(axis=2)
    estimate = moderation.moderate(differences.var(axis=2, ddof=1), np.array(pairs))
    t = np.abs(means) / estimate.se
    alone = np.empty_like(t)
    for prior in np.unique(estimate.prior):
        here = estimate.prior == prior
        alone[here] = step_down.single_p(t[here], int(prior), pairs, 0)
    alone = np.maximum(alone, estimate.p(means))
    halves = []
    for level, simulate in zip(_LEVELS, _VALUES, strict=True):
        simulated = np.array([simulate(int(prior), pairs, 0, level) for prior in estimate.prior])
        value = np.maximum(simulated[:, None], quantile(level, estimate.df))
        halves.append(value * estimate.se)
    return Analysis(np.maximum(step_down.adjust(t, estimate.prior, pairs), alone), *halves)


def one_by_one(differences: Array, kept: Bools | None = None) -> Analysis:
    """The same by `many_to_one.from_paired`, study by study; `kept`: the pairs that were not lost.

    A comparison without a p is not found: its p is 1, and its interval is NaN.
    """
    out = np.full((3, *differences.shape[:2]), np.nan)
    out[0] = 1.0
    for study, rows in enumerate(differences):
        whole = np.ones(rows.shape, bool) if kept is None else kept[study]
        # Arms in the order of their pairs: studies with the same numbers have their null distributions in common.
        order = np.argsort(-whole.sum(axis=1), kind="stable")
        family = [
            paired.over_seeds({seed: float(rows[arm, seed]) for seed in np.flatnonzero(whole[arm]).tolist()}, 1.0)
            for arm in order
        ]
        for arm, estimate in zip(order, many_to_one.from_paired(family, 0.05), strict=True):
            if estimate.p_adjusted is not None and estimate.interval and estimate.equivalence:
                low, high = estimate.interval
                halves = (high - low) / 2, (estimate.equivalence[1] - estimate.equivalence[0]) / 2
                out[:, study, arm] = estimate.p_adjusted, *halves
    return Analysis(*out)


def check(differences: Array) -> None:
    """That the vectorised analysis is the product's own, on the first studies."""
    few = differences[:5]
    ours, theirs = moderated(few), one_by_one(few)
    for name in ("adjusted", "half", "half_equivalence"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, err_msg=name)
