"""Effects of an orthogonal design, judged by the noise of all of its arms together.

A contrast of k arms with weights +-2/k has the variance (4/k) mean(sigma_a^2) / seeds, however unequal the arms' own
variances sigma_a^2 are; the mean square of a randomised block analysis (arms x seeds, the seeds are the blocks)
estimates just that mean (Montgomery, Design and Analysis of Experiments, sections 4.1 and 6.5). Its degrees of freedom
are Satterthwaite's (1946, Biometrics Bull. 2, 110) of the arms' own mean squares: unequal arms make it cautious.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dcgan.common.metrics import Scale
from dcgan.statistics import paired
from dcgan.statistics.contrasts import by_seed
from dcgan.statistics.moderation import Array
from dcgan.statistics.scale import on_scale
from dcgan.statistics.verdicts import Estimate, by_student, no_logarithm


def pooled_error(values: Array) -> tuple[Array, Array]:
    """The mean square of the noise of arms x seeds and its degrees of freedom.

    Args:
        values: [studies, arms, seeds], two arms and two seeds or more.

    Returns:
        [studies] mean squares, and [studies] Satterthwaite's degrees of freedom, from near seeds - 1 (one arm has all
        of the noise) to (arms - 1) (seeds - 1) (all have the same).
    """
    arms, seeds = values.shape[1:]
    centred = values - values.mean(axis=2, keepdims=True)
    residuals = centred - centred.mean(axis=1, keepdims=True)
    squares = np.sum(residuals**2, axis=2)
    most = (arms - 1.0) * (seeds - 1.0)
    own_df = seeds - 1.0
    own = squares / (own_df * (1.0 - 1.0 / arms))
    # The fourth powers are too large by (1 + 2 / own_df) on average. Left so: from few seeds, one noisy arm does not
    # always show, and degrees of freedom that are too many find too much (docs/statistics.md).
    fourth = np.sum(own**2, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.where(fourth > 0, own_df * np.sum(own, axis=1) ** 2 / fourth, most)
    return np.sum(squares, axis=1) / most, np.clip(df, own_df, most)


def effect(code: Mapping[str, int], scores: Mapping[str, Mapping[int, float]], scale: Scale) -> Estimate:
    """The effect of arms that are coded -1 and +1, not corrected for others.

    `scores` maps arm -> seed -> score in the metric's units. Only seeds that every coded arm has count.
    """
    if scale == "ratio" and (refused := no_logarithm("pooled", [scores[arm] for arm in code])):
        return refused
    used = {arm: on_scale(scores[arm], scale) for arm in code}
    differences = by_seed(code, used)
    if not differences:
        return Estimate("pooled")
    mean = float(np.mean(list(differences.values())))
    if len(differences) < 2:
        return Estimate("pooled", differences=differences, effect=mean)
    values = np.array([[[used[arm][seed] for seed in differences] for arm in code]])
    square, df = (float(each[0]) for each in pooled_error(values))
    rounding = paired.rounding(float(np.abs(values).max()))
    if math.sqrt(square) <= rounding:
        same = abs(mean) <= rounding
        return Estimate("pooled", differences=differences, effect=0.0 if same else mean, p=1.0 if same else None)
    signs = np.array(list(code.values()), dtype=float)
    weights = np.where(signs > 0, 1.0 / np.sum(signs > 0), 1.0 / np.sum(signs < 0))
    error = math.sqrt(square * float(np.sum(weights**2)) / len(differences))
    return by_student("pooled", mean, error, df, differences=differences, prior_df=df - (len(differences) - 1))
