"""Many arms against one baseline: the estimates of a family of comparisons, by the method that its runs allow.

Three or more comparisons that are paired by seed share their spreads (`moderation`) and are adjusted by the simulated
distribution of the largest |t| (`step_down`). Fewer, or arms that were planned with different seeds: the plain paired t
test and Holm's procedure. Arms without a common seed: Welch's test, and Holm's procedure over the whole family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dcgan.common.metrics import Scale
from dcgan.statistics import moderation, paired, step_down
from dcgan.statistics.moderation import PRIOR_DF
from dcgan.statistics.paired import CONFIDENCE, EQUIVALENCE_CONFIDENCE, Paired
from dcgan.statistics.scale import on_scale
from dcgan.statistics.verdicts import Estimate, direction, no_logarithm, of_paired
from dcgan.statistics.welch import welch

Scores = Mapping[int, float]
FEWEST_SHARED = 3  # comparisons that can share their spreads
FEWEST_PAIRS = 3  # of at least one of them: two pairs each say too little of a spread


def compare_all(
    arms: Sequence[Scores], baseline: Scores, scale: Scale, *, alpha: float = 0.05, same_seeds: bool = True
) -> list[Estimate]:
    """The estimate of every arm against the baseline, adjusted for all of them.

    Args:
        arms: of each arm its scores by seed, in the metric's units.
        baseline: the baseline's.
        same_seeds: whether all arms were planned with the same seeds, so that a missing pair is a lost run.
    """
    refused: dict[int, Estimate] = {}
    measured: dict[int, Estimate | Paired] = {}
    for index, arm in enumerate(arms):
        if scale == "ratio" and (estimate := no_logarithm("paired", (arm, baseline))):
            refused[index] = estimate
        else:
            measured[index] = _difference(arm, baseline, scale, same_seeds)
    family = [each for each in measured.values() if isinstance(each, Paired)]
    shared = same_seeds and len(family) == len(measured)
    estimates = from_paired(family, alpha) if shared else by_holm(list(measured.values()), alpha)
    every = refused | dict(zip(measured, estimates, strict=True))
    return [every[index] for index in range(len(arms))]


def _difference(arm: Scores, baseline: Scores, scale: Scale, same_seeds: bool) -> Estimate | Paired:
    """Paired where there is a common seed, or too few runs for anything else.

    Differences that are all the same (rounded scores) have no spread on either scale: that of their logarithms would
    be made by the levels alone. All scores the same tell nothing either; differences that are all exactly 0 while the
    scores differ from seed to seed are of runs that are the same.
    """
    own, other = on_scale(arm, scale), on_scale(baseline, scale)
    pairs = paired.compare(own, other)
    if not pairs.pairs and len(arm) > 1 and len(baseline) > 1:
        return welch(own, other)
    if not pairs.pairs and not same_seeds and arm and baseline:
        return Estimate("unpaired", reason="not paired by seed, and a single run shows no spread")
    plain = paired.compare(arm, baseline)
    if plain.constant or (plain.pairs > 1 and len({*arm.values(), *baseline.values()}) == 1):
        return replace(pairs, sd=0.0, interval=None, equivalence=None, p=None)
    return pairs


def from_paired(family: Sequence[Paired], alpha: float) -> list[Estimate]:
    """The estimates of a family of paired differences that share their spreads, as far as there are three."""
    spread = [index for index, pairs in enumerate(family) if pairs.pairs >= 2 and pairs.sd and not pairs.constant]
    if len(spread) < FEWEST_SHARED or max(family[index].pairs for index in spread) < FEWEST_PAIRS:
        return by_holm(family, alpha)
    shared = _moderated([family[index] for index in spread], alpha)
    rest = [index for index in range(len(family)) if index not in spread]
    # All differences exactly 0: p is 1 whatever one corrects for. One pair, or one value in all pairs: no p.
    others = [of_paired(family[index], family[index].p, alpha, alpha, "paired") for index in rest]
    both = dict(zip([*spread, *rest], [*shared, *others], strict=True))
    return [both[index] for index in range(len(family))]


def _moderated(family: Sequence[Paired], alpha: float) -> list[Estimate]:
    pairs = tuple(each.pairs for each in family)
    effects = np.array([[each.difference for each in family]], dtype=float)
    variances = np.array([[each.sd for each in family]], dtype=float) ** 2
    moderated = moderation.moderate(variances, np.array(pairs))
    prior = int(moderated.prior[0])
    t = np.abs(effects) / moderated.se
    adjusted = step_down.adjust(t, moderated.prior, pairs)[0]
    every = step_down.critical_value(prior, pairs, alpha)
    student = moderated.p(effects)[0]
    left = np.flatnonzero(adjusted >= alpha)
    # In front of this the step-down procedure stopped: what the comparisons that are left must exceed.
    hurdle = step_down.critical_value_of(prior, pairs, alpha, left) if 0 < len(left) < len(pairs) else every
    return [
        _estimate(
            each,
            se=float(moderated.se[0, index]),
            df=float(moderated.df[0, index]),
            prior_df=float(PRIOR_DF[prior]) if moderated.shared[0, index] else 0.0,
            p=max(float(step_down.single_p(t[0, index], prior, pairs, index)), float(student[index])),
            p_adjusted=float(adjusted[index]),
            values=[
                max(value(prior, pairs, index, error), paired.t_quantile(error, moderated.df[0, index]))
                for value, error in (
                    (step_down.single_value, 1.0 - CONFIDENCE),
                    (step_down.equivalence_value, 1.0 - EQUIVALENCE_CONFIDENCE),
                )
            ],
            every=every,
            critical=hurdle if adjusted[index] >= alpha else every,
            final_level=alpha / max(len(left), 1),
        )
        for index, each in enumerate(family)
    ]


def _estimate(
    pairs: Paired,
    *,
    se: float,
    df: float,
    prior_df: float,
    p: float,
    p_adjusted: float,
    values: list[float],
    every: float,
    critical: float,
    final_level: float,
) -> Estimate:
    effect = pairs.difference
    assert effect is not None  # noqa: S101 - it has two pairs or more
    single, equivalence = ((effect - value * se, effect + value * se) for value in values)
    return Estimate(
        method="moderated",
        differences=pairs.differences,
        effect=effect,
        se=se,
        df=df,
        prior_df=prior_df,
        interval=single,
        equivalence=equivalence,
        simultaneous=(effect - every * se, effect + every * se),
        p=p,
        p_adjusted=max(p, p_adjusted),
        critical=critical,
        final_level=final_level,
        direction=direction(effect, se, df),
    )


def by_holm(family: Sequence[Estimate | Paired], alpha: float) -> list[Estimate]:
    """Each by its own spread, adjusted by Holm's procedure."""
    p = [each.p for each in family]
    adjusted = paired.holm(p)
    levels = paired.holm_levels(p, adjusted, alpha)
    tested = max(sum(value is not None for value in p), 1)
    estimates = []
    for each, q, level in zip(family, adjusted, levels, strict=True):
        if isinstance(each, Paired):
            estimates.append(of_paired(each, q, level, alpha / tested, "paired"))
        elif each.df is None:
            estimates.append(replace(each, p_adjusted=q))
        else:
            estimates.append(_held(each, q, level, alpha / tested))
    return estimates


def _held(estimate: Estimate, p_adjusted: float | None, level: float, bonferroni: float) -> Estimate:
    """An estimate with what the correction for its family makes of it."""
    assert estimate.effect is not None and estimate.se is not None and estimate.df is not None  # noqa: S101
    half = paired.t_quantile(bonferroni, estimate.df) * estimate.se
    return replace(
        estimate,
        p_adjusted=p_adjusted,
        critical=paired.t_quantile(level, estimate.df),
        final_level=level,
        simultaneous=(estimate.effect - half, estimate.effect + half),
    )
