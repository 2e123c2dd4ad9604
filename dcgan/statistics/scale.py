"""The scale on which arms are compared: ratios of the metric (differences of its logarithms) or plain differences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from dcgan.common.metrics import Scale


def on_scale(scores: Mapping[int, float], scale: Scale) -> dict[int, float]:
    """Scores by seed as they are compared: natural logarithms on the ratio scale. Raises ValueError below or at 0."""
    if scale == "difference":
        return dict(scores)
    return {seed: math.log(value) for seed, value in scores.items()}


def has_logarithms(scores: Mapping[int, float]) -> bool:
    """Whether every score is above 0."""
    return all(value > 0 for value in scores.values())


def margin_on_scale(share: float, scale: Scale, baseline_mean: float | None) -> float | None:
    """A margin given as a share of the score: log(1 + share), or that share of the baseline's mean."""
    if scale == "ratio":
        return math.log1p(share)
    return None if baseline_mean is None else share * abs(baseline_mean)


def mean_on_scale(values: Sequence[float], scale: Scale) -> float:
    """The mean by which arms are ranked, in the metric's units: the geometric one on the ratio scale, as far as all
    values are above 0.

    Example:
        >>> round(mean_on_scale([10.0, 40.0], "ratio"), 6), mean_on_scale([10.0, 40.0], "difference")
        (20.0, 25.0)
    """
    if min(values) == max(values):
        return float(values[0])  # the logarithm's way there and back would round it
    if scale == "ratio" and all(value > 0 for value in values):
        return float(np.exp(np.mean(np.log(values))))
    return float(np.mean(values))
