"""Simulated studies of orthogonal designs whose arms are analysed together, against one tip left out at a time."""

from __future__ import annotations

from dataclasses import dataclass

import families
import numpy as np
from families import Analysis, Bools

from dcgan.statistics import pooled
from dcgan.statistics.moderation import Array
from dcgan.sweeps.designs import plackett_burman

TIPS = 11
SPREAD = 0.10  # from run to run, of the log score
DIFFERENT = 4  # tips that have an effect
EFFECTS = 0.10, 0.20, 0.40


@dataclass(frozen=True)
class Design:
    """A way to spend runs on eleven tips: `arms` of a two-level design (0: all tips, and each left out), on seeds."""

    name: str
    arms: int
    seeds: int
    analysis: str
    odd: float = 1.0  # how many times noisier its first arm is

    @property
    def runs(self) -> int:
        """How many runs it takes."""
        return (self.arms or TIPS + 1) * self.seeds


@dataclass(frozen=True)
class Outcome:
    """Shares of studies: a false finding without any effect, and beside true ones; coverage; power by effect."""

    error: float
    error_beside: float
    coverage: float
    power: tuple[float, ...]


def signs(arms: int) -> Array:
    """The codes of Plackett and Burman's twelve arms, [arms, tips]; of 24: with their foldover."""
    return np.asarray(plackett_burman.matrix(TIPS, foldover=arms == 24), dtype=float)


def draw(design: Design, effects: Array, sigma: float, studies: int, random: np.random.Generator) -> Array:
    """Log scores [studies, arms, seeds]: each arm's noise has a spread of its own, the effects add up."""
    code = signs(design.arms) / 2 if design.arms else np.vstack([np.zeros(TIPS), np.eye(TIPS)])
    spreads = SPREAD * np.exp(sigma * random.standard_normal((studies, len(code))))
    spreads[:, 0] *= design.odd
    noise = random.standard_normal((studies, len(code), design.seeds)) * spreads[:, :, None]
    return noise + (code @ effects)[None, :, None]


def analyse(design: Design, values: Array) -> tuple[Array, Analysis]:
    """The estimated effects of [studies, tips], and their analysis."""
    if not design.arms:
        differences = values[:, 1:] - values[:, :1]
        return differences.mean(axis=2), getattr(families, design.analysis)(differences)
    arms, seeds = values.shape[1:]
    contrasts = np.einsum("at,sar->str", signs(arms), values) * 2.0 / arms
    means = contrasts.mean(axis=2)
    if design.analysis == "plain":
        return means, families.plain(contrasts)
    square, df = pooled.pooled_error(values)
    shape = means.shape
    se = np.broadcast_to(np.sqrt(square * 4.0 / arms / seeds)[:, None], shape)
    return means, families.by_holm(means, se, np.broadcast_to(df[:, None], shape))


def simulate(design: Design, sigma: float, studies: int, seed: int) -> Outcome:
    """Studies without any effect, and with each size of effect on the first tips, their signs alternating."""
    random = np.random.default_rng([20261129, seed])
    alternating = np.where(np.arange(TIPS) % 2, -1.0, 1.0) * (np.arange(TIPS) < DIFFERENT)
    values = draw(design, np.zeros(TIPS), sigma, studies, random)
    means, null = analyse(design, values)
    check(design, values)
    found: list[Bools] = []
    for effect in EFFECTS:
        truth = np.log1p(effect) * alternating
        found.append(analyse(design, draw(design, truth, sigma, studies, random))[1].found())
    return Outcome(
        error=float(null.found().any(axis=1).mean()),
        error_beside=max(float(each[:, DIFFERENT:].any(axis=1).mean()) for each in found),
        coverage=float((np.abs(means) <= null.half).mean()),
        power=tuple(float(each[:, :DIFFERENT].mean()) for each in found),
    )


def check(design: Design, values: Array) -> None:
    """That the vectorised pooled analysis is the product's own, on the first study."""
    if not design.arms or design.analysis != "pooled":
        return
    code = signs(design.arms)
    scores = {str(arm): dict(enumerate(map(float, row))) for arm, row in enumerate(values[0])}
    means, ours = analyse(design, values[:1])
    for tip in range(TIPS):
        theirs = pooled.effect({str(arm): int(code[arm, tip]) for arm in range(len(code))}, scores, "difference")
        assert theirs.interval is not None and theirs.effect is not None
        np.testing.assert_allclose(theirs.effect, means[0, tip], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(theirs.interval[1] - theirs.effect, ours.half[0, tip], rtol=1e-9)


DESIGNS = (
    Design("one left out at a time, plain t", 0, 4, "plain"),
    Design("one left out at a time, moderated", 0, 4, "moderated"),
    Design("Plackett-Burman, t over seeds", 12, 4, "plain"),
    Design("Plackett-Burman, pooled error", 12, 4, "pooled"),
    Design("Plackett-Burman, pooled error", 12, 3, "pooled"),
    Design("Plackett-Burman, pooled error", 12, 2, "pooled"),
    Design("Plackett-Burman folded over, pooled error", 24, 2, "pooled"),
    Design("Plackett-Burman folded over, pooled error", 24, 4, "pooled"),
)
ODD = tuple(
    Design(f"Plackett-Burman{folded}, pooled error, one arm {odd:g} x as noisy", arms, seeds, "pooled", odd)
    for odd in (6.0, 100.0)
    for folded, arms, seeds in (("", 12, 4), ("", 12, 3), ("", 12, 2), (" folded over", 24, 2), (" folded over", 24, 4))
)
