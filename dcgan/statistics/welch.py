"""Two arms without a common seed: Welch's test."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dcgan.statistics import paired
from dcgan.statistics.verdicts import Estimate, by_student


def welch(arm: Mapping[int, float], baseline: Mapping[int, float]) -> Estimate:
    """The mean of `arm` minus that of `baseline`, two or more values each, with unequal variances (Welch 1947,
    Biometrika 34, 28): the standard error of the two means, with Satterthwaite's degrees of freedom."""
    here, there = np.array(list(arm.values())), np.array(list(baseline.values()))
    parts = [float(values.var(ddof=1)) / len(values) for values in (here, there)]
    effect, error = float(here.mean() - there.mean()), math.sqrt(sum(parts))
    if error <= paired.rounding(float(max(np.abs(here).max(), np.abs(there).max()))):
        return Estimate("unpaired", effect=effect, reason="the values of each arm are all the same: there is no spread")
    df = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (here, there), strict=True))
    return by_student("unpaired", effect, error, df)
