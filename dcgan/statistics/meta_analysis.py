"""One effect from several studies: a random-effects meta-analysis of a few estimates with their standard errors.

Sources: DerSimonian & Laird (1986) for the variance between studies; Hartung & Knapp (2001) and Sidik & Jonkman (2002)
for the interval; Knapp & Hartung (2003) for never letting it be narrower than the studies' own standard errors allow;
Higgins & Thompson (2002) for I^2; Higgins, Thompson & Spiegelhalter (2009) for the prediction interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcgan.statistics.moderation import Array, two_sided
from dcgan.statistics.paired import CONFIDENCE, EQUIVALENCE_CONFIDENCE, Interval, t_quantile
from dcgan.statistics.verdicts import direction

LEAST_STUDIES_TO_PREDICT = 3  # with two, nothing is left to tell the spread between studies from


@dataclass(frozen=True)
class PooledEffect:
    """The mean of the effects that studies like these have, and how much the effects differ.

    `effect`, `se`, the intervals and `tau` (the standard deviation of true effects between studies) are in the unit of
    the effects; `weights` are the studies' shares, of (k,) in all 1. `interval` is the 95 % interval of the mean,
    `equivalence` the 90 % one, `prediction` that of the effect in one further study like these, None below three
    studies. `q` is Cochran's, `q_p` its p under equal true effects, and `i2` the share of the variation that is between
    studies rather than noise.
    """

    effect: float
    se: float
    df: int
    weights: tuple[float, ...]
    interval: Interval
    equivalence: Interval
    p: float
    direction: float | None
    q: float
    q_p: float
    i2: float
    tau: float
    prediction: Interval | None

    @property
    def studies(self) -> int:
        """How many studies it is of."""
        return len(self.weights)


def pool(effects: Sequence[float], errors: Sequence[float]) -> PooledEffect:
    """Pools (k,) effects with their (k,) standard errors, k >= 2 and every error above 0; raises ValueError otherwise.

    The weights are 1 / (se^2 + tau^2); the interval is Student's with k - 1 degrees of freedom and the weighted spread
    of the effects around their mean, or with what the standard errors alone imply, where that is wider.

    Example:
        >>> pooled = pool([-0.3, -0.5, -0.4], [0.1, 0.1, 0.1])
        >>> round(pooled.effect, 3), round(pooled.interval[0], 3), round(pooled.interval[1], 3)
        (-0.4, -0.648, -0.152)
    """
    if len(effects) != len(errors) or len(effects) < 2 or not all(0 < error < math.inf for error in errors):
        raise ValueError(f"{len(effects)} effects, errors {list(errors)}: expected two or more, each with an error > 0")
    values, variances = np.asarray(effects, dtype=float), np.square(np.asarray(errors, dtype=float))
    df = len(values) - 1
    tau2 = between_variance(values, variances)
    weights = 1.0 / (variances + tau2)
    mean = float(np.sum(weights * values) / np.sum(weights))
    spread = float(np.sum(weights * (values - mean) ** 2) / df)
    se = math.sqrt(max(spread, 1.0) / float(np.sum(weights)))
    q = _cochran(values, variances)
    return PooledEffect(
        effect=mean,
        se=se,
        df=df,
        weights=tuple(float(weight) for weight in weights / np.sum(weights)),
        interval=_student(mean, se, df, CONFIDENCE),
        equivalence=_student(mean, se, df, EQUIVALENCE_CONFIDENCE),
        p=float(two_sided(mean / se, df)),
        direction=direction(mean, se, df),
        q=q,
        q_p=_chi2_above(q, df),
        i2=max(0.0, 1.0 - df / q) if q > 0 else 0.0,
        tau=math.sqrt(tau2),
        prediction=_student(mean, math.hypot(se, math.sqrt(tau2)), df - 1, CONFIDENCE)
        if len(values) >= LEAST_STUDIES_TO_PREDICT
        else None,
    )


def between_variance(effects: Sequence[float] | Array, variances: Sequence[float] | Array) -> float:
    """DerSimonian & Laird's estimate of the variance of true effects between studies, never below 0.

    `effects` and `variances` (squared standard errors): (k,) each.
    """
    weights = 1.0 / np.asarray(variances, dtype=float)
    excess = _cochran(effects, variances) - (len(weights) - 1)
    return max(0.0, excess / float(np.sum(weights) - np.sum(weights**2) / np.sum(weights)))


def _cochran(effects: Sequence[float] | Array, variances: Sequence[float] | Array) -> float:
    """Cochran's Q: the squared distances from the fixed-effect mean, in units of the studies' variances."""
    values, weights = np.asarray(effects, dtype=float), 1.0 / np.asarray(variances, dtype=float)
    mean = np.sum(weights * values) / np.sum(weights)
    return float(np.sum(weights * (values - mean) ** 2))


def _student(mean: float, se: float, df: int, confidence: float) -> Interval:
    half = t_quantile(1.0 - confidence, df) * se
    return mean - half, mean + half


def _chi2_above(value: float, df: int) -> float:
    from scipy.special import chdtrc  # late, as everywhere: a misspelt command need not wait for it

    return float(chdtrc(df, value))
