"""Simulated studies of many arms against one baseline, and what an analysis makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

import families
import numpy as np
from families import Analysis, Bools

from dcgan.statistics import moderation, paired
from dcgan.statistics.moderation import Array, two_sided

Noise = Literal["normal", "t3", "skewed"]
EFFECT = 2.0  # standard deviations of a difference, on a third of the arms
NAMES = [field.name for field in fields(Analysis)]
_FAR = 20.0  # standard deviations: a margin whose far side no interval reaches


@dataclass(frozen=True)
class Scenario:
    """Arms whose spreads are log-normal with `sigma` around that of the baseline, which is `baseline` times as wide.

    The last arm, which has no effect, is `odd` times as wide. `lost`: the share of runs that are lost at random.
    """

    arms: int = 11
    seeds: int = 4
    sigma: float = 0.5
    noise: Noise = "normal"
    baseline: float = 1.0
    odd: float = 1.0
    lost: float = 0.0

    @property
    def different(self) -> int:
        """How many arms have an effect where a third of them has."""
        return max(1, round(self.arms / 3))

    @property
    def words(self) -> str:
        """What sets it apart, for a table."""
        named = [
            (self.noise != "normal", self.noise),
            (self.baseline != 1.0, f"baseline {self.baseline:g} x noisier"),
            (self.odd != 1.0, f"one arm {self.odd:g} x as wide"),
            (self.lost != 0.0, f"{100 * self.lost:g} % of runs lost"),
        ]
        return ", ".join(word for is_so, word in named if is_so)


@dataclass(frozen=True)
class Row:
    """What came of a scenario's studies, as shares."""

    studies: int
    error: float  # a study without any effect finds one
    error_beside: float  # a study with effects on a third of its arms finds one among the others
    error_plain: float
    coverage: float
    coverage_error: float  # the simulation's
    same: float  # "no effect" although the effect is as large as the margin
    power: float
    power_plain: float

    @property
    def ratio(self) -> float:
        """The power against the plain t tests'."""
        return self.power / self.power_plain if self.power_plain else math.nan


def noise(kind: Noise, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    """Noise with mean 0 and standard deviation 1."""
    if kind == "t3":
        return np.asarray(random.standard_t(3, shape) / np.sqrt(3.0))
    return np.asarray(random.exponential(size=shape) - 1.0 if kind == "skewed" else random.standard_normal(shape))


def draw(scenario: Scenario, studies: int, random: np.random.Generator) -> tuple[Array, Array]:
    """Paired differences of studies without any effect, and the true standard deviation of each comparison's."""
    spreads = np.exp(scenario.sigma * random.standard_normal((studies, scenario.arms)))
    spreads[:, -1] *= scenario.odd
    arms = noise(scenario.noise, (studies, scenario.arms, scenario.seeds), random) * spreads[:, :, None]
    baseline = noise(scenario.noise, (studies, 1, scenario.seeds), random) * scenario.baseline
    return arms - baseline, np.sqrt(spreads**2 + scenario.baseline**2)


def simulate(scenario: Scenario, studies: int, seed: int) -> Row:
    """Studies of a scenario, analysed as reports do it and by plain t tests with Holm's procedure."""
    random = np.random.default_rng([20261129, seed])
    differences, sd = draw(scenario, studies, random)
    effects = np.zeros_like(sd)
    signs = np.where(np.arange(scenario.different) % 2, -1.0, 1.0)
    effects[:, : scenario.different] = EFFECT * signs * sd[:, : scenario.different]
    if scenario.lost:
        return _with_losses(scenario, differences, effects, sd, random)
    families.check(differences)
    shifted = differences + effects[:, :, None]
    null, with_effects = families.moderated(differences), families.moderated(shifted)
    beside = families.plain(differences), families.plain(shifted)
    return _row(scenario, differences.mean(axis=2), sd, (null, with_effects), beside)


def _row(
    scenario: Scenario, means: Array, sd: Array, ours: tuple[Analysis, Analysis], plain: tuple[Analysis, Analysis]
) -> Row:
    null, with_effects = ours
    different = slice(0, scenario.different), slice(scenario.different, None)
    known = np.isfinite(null.half)
    covered = np.abs(means) <= null.half
    # The effect is at one end of the margin; the other end is far away. The worse of the two ends.
    ends = [np.abs(means + sign * _FAR * sd) + null.half_equivalence <= _FAR * sd for sign in (1.0, -1.0)]
    return Row(
        studies=len(means),
        error=_any(null.found()),
        error_beside=_any(with_effects.found()[:, different[1]]),
        error_plain=_any(plain[0].found()),
        coverage=float(covered[known].mean()),
        coverage_error=float(np.std(np.where(known, covered, 0.95).mean(axis=1)) / np.sqrt(len(means))),
        same=max(float(end[known].mean()) for end in ends),
        power=float(with_effects.found()[:, different[0]].mean()),
        power_plain=float(plain[1].found()[:, different[0]].mean()),
    )


def _any(found: Bools) -> float:
    return float(found.any(axis=1).mean())


def _with_losses(scenario: Scenario, differences: Array, effects: Array, sd: Array, random: np.random.Generator) -> Row:
    """Runs of the baseline and of the arms are lost; each comparison keeps the pairs that both have."""
    kept = random.random(differences.shape) >= scenario.lost
    kept &= random.random((len(differences), 1, scenario.seeds)) >= scenario.lost
    # Studies with the same numbers of pairs and the same prior follow each other: their null distributions are kept.
    order = _by_pairs(differences, kept)
    differences, effects, sd, kept = differences[order], effects[order], sd[order], kept[order]
    shifted = differences + effects[:, :, None]
    analysed: list[list[Analysis]] = [[], []]
    for study in range(len(differences)):
        here = slice(study, study + 1)
        for column, values in zip(analysed, (differences, shifted), strict=True):
            column.append(families.one_by_one(values[here], kept[here]))
    ours = [
        Analysis(*(np.concatenate([getattr(one, name) for one in column]) for name in NAMES)) for column in analysed
    ]
    plain = [_plain_with_losses(values, kept) for values in (differences, shifted)]
    means = np.where(kept, differences, 0.0).sum(axis=2) / np.maximum(kept.sum(axis=2), 1)
    return _row(scenario, means, sd, (ours[0], ours[1]), (plain[0], plain[1]))


def _by_pairs(differences: Array, kept: Bools) -> list[int]:
    """The order of studies by their numbers of pairs and their prior."""
    keys = []
    for study, (values, pairs) in enumerate(zip(differences, kept, strict=True)):
        order = np.argsort(-pairs.sum(axis=1), kind="stable")
        enough = [values[arm][pairs[arm]] for arm in order if pairs[arm].sum() >= 2]
        counts = tuple(len(row) for row in enough)
        prior = -1
        if len(enough) >= 3:
            variances = np.array([[row.var(ddof=1) for row in enough]])
            prior = int(moderation.moderate(variances, np.array(counts)).prior[0])
        keys.append((counts, prior, study))
    return [study for _, _, study in sorted(keys)]


def _plain_with_losses(differences: Array, kept: Bools) -> Analysis:
    """Paired t tests of what is left, and Holm's procedure over those that have two pairs."""
    count = kept.sum(axis=2)
    values = np.where(kept, differences, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(kept, differences, 0.0).sum(axis=2) / count
        se = np.sqrt(np.nansum((values - means[:, :, None]) ** 2, axis=2) / (count - 1.0) / count)
    enough = count >= 2
    p = two_sided(np.abs(np.where(enough, means, 0.0)) / np.where(enough, se, 1.0), np.maximum(count - 1.0, 1.0))
    adjusted = [
        [
            1.0 if q is None else q
            for q in paired.holm([one if is_so else None for one, is_so in zip(row, mask, strict=True)])
        ]
        for row, mask in zip(p.tolist(), enough.tolist(), strict=True)
    ]
    return Analysis(np.array(adjusted), se, se)
