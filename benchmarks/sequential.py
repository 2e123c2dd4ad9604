"""What stopping when decided keeps and saves, by simulation: writes docs/sequential.md.

    python benchmarks/sequential.py            # about three minutes on one core

Arms are compared with one baseline whose noise all differences share, as in a study. Sizes of effects are in standard
deviations of the paired differences.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from dcgan.statistics.sequential.boundaries import ALPHAS, SPENDING, levels
from dcgan.statistics.sequential.interim_analysis import Looks

Array = NDArray[np.float64]

ALPHA = 0.05
PAGE = Path(__file__).parent.parent / "docs" / "sequential.md"


@dataclass(frozen=True)
class Outcome:
    """What came of many studies: by comparison whether it was found and with how many seeds it ended."""

    found: NDArray[np.bool_]  # (studies, arms)
    same: NDArray[np.bool_]  # declared to have no effect
    seeds: NDArray[np.int64]

    @property
    def any_found(self) -> float:
        """The share of studies in which at least one arm was found to differ."""
        return float(self.found.any(axis=1).mean())


def draw(effects: list[float], seeds: int, studies: int, rng: np.random.Generator) -> Array:
    """Paired differences (studies, arms, seeds) with a standard deviation of 1 and a correlation of a half."""
    baseline = rng.normal(size=(studies, 1, seeds))
    arms = rng.normal(size=(studies, len(effects), seeds))
    return np.asarray((arms - baseline) / np.sqrt(2.0) + np.array(effects)[None, :, None])


def statistics(differences: Array, n: int) -> tuple[Array, Array, Array]:
    """The mean of the first n differences, its standard error, and the two-sided p of the t test."""
    mean = differences[..., :n].mean(axis=-1)
    error = differences[..., :n].std(axis=-1, ddof=1) / np.sqrt(n)
    return mean, error, 2.0 * t.sf(np.abs(mean) / error, n - 1)


def holm(p: Array) -> Array:
    """Holm's adjusted p along the last axis."""
    count = p.shape[-1]
    order = np.argsort(p, axis=-1)
    ordered = np.take_along_axis(p, order, axis=-1) * (count - np.arange(count))
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(ordered, axis=-1), 1.0), axis=-1)
    return adjusted


def sequential(differences: Array, looks: Looks, margin: float, spending: float = SPENDING) -> Outcome:
    """Studies that are looked at as `dcgan.statistics.sequential.interim_analysis` does, all at once."""
    shape = differences.shape[:2]
    found, same = np.zeros(shape, bool), np.zeros(shape, bool)
    p, seeds = np.ones(shape), np.full(shape, looks.at_most)
    shares = tuple(n / looks.at_most for n in looks.seeds)
    for n, level in zip(looks.seeds, levels(looks.seeds, shares, spending), strict=True):
        mean, error, raw = statistics(differences, n)
        clipped = np.log(np.maximum(raw, level.two_sided[0]))
        here = np.exp(np.interp(clipped, np.log(level.two_sided), np.log(ALPHAS), right=0.0))
        open_ = ~(found | same)
        p = np.where(open_, np.minimum(p, here), p)
        found |= open_ & (holm(p) < ALPHA)
        same |= open_ & ~found & (np.abs(mean) + t.isf(level.one_sided, n - 1) * error <= margin)
        seeds = np.where(open_ & (found | same), n, seeds)
    return Outcome(found, same, seeds)


def naive(differences: Array, looks: Looks, margin: float) -> Outcome:
    """The same with the fixed design's p and intervals at every look: what one must not do."""
    shape = differences.shape[:2]
    found, same, seeds = np.zeros(shape, bool), np.zeros(shape, bool), np.full(shape, looks.at_most)
    for n in looks.seeds:
        mean, error, raw = statistics(differences, n)
        open_ = ~(found | same)
        found |= open_ & (holm(raw) < ALPHA)
        same |= open_ & ~found & (np.abs(mean) + t.isf(0.05, n - 1) * error <= margin)
        seeds = np.where(open_ & (found | same), n, seeds)
    return Outcome(found, same, seeds)


def fixed(differences: Array, n: int, margin: float) -> Outcome:
    """All comparisons with n seeds, looked at once."""
    return naive(differences, Looks(n, 1, n), margin)


def main() -> None:
    """Simulates, prints and writes the page."""
    rng = np.random.default_rng(0)
    looks, arms = Looks(5, 1, 30), 6
    text = [_HEAD, _errors(rng, 40_000), _POWER, _gains(rng, 20_000, looks, arms), _CHOICE, _choice(rng, 20_000, looks)]
    page = "\n".join(text).strip() + "\n"
    if "--print" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    print(page)


def _errors(rng: np.random.Generator, studies: int) -> str:
    rows = []
    for arms in (1, 6, 11):
        for looks in (Looks(4, 1, 30), Looks(5, 1, 30), Looks(5, 5, 30), Looks(4, 2, 10)):
            null = draw([0.0] * arms, looks.at_most, studies, rng)
            edge = draw([0.5] * arms, looks.at_most, studies, rng)
            rates = sequential(null, looks, 0.0).any_found, naive(null, looks, 0.0).any_found
            wrong = sequential(edge, looks, 0.5).same.mean(), naive(edge, looks, 0.5).same.mean()
            plan = f"{looks.first}, then every {looks.every}, to {looks.at_most}"
            rows.append(f"| {arms} | {plan} | " + " | ".join(f"{100 * rate:.1f} %" for rate in (*rates, *wrong)) + " |")
    return "\n".join(rows)


def _gains(rng: np.random.Generator, studies: int, looks: Looks, arms: int) -> str:
    rows = []
    for effect in (0.0, 0.5, 0.8, 1.2, 2.0, 4.0):
        drawn = draw([effect] + [0.0] * (arms - 1), looks.at_most, studies, rng)
        ours = sequential(drawn, looks, 0.5)
        ten, thirty = fixed(drawn, 10, 0.5), fixed(drawn, looks.at_most, 0.5)
        cells = [each.found[:, 0].mean() for each in (ours, ten, thirty)]
        rows.append(
            f"| {effect:g} | "
            + " | ".join(f"{100 * cell:.0f} %" for cell in cells)
            + f" | {ours.seeds[:, 0].mean():.1f} | {ours.seeds[:, 1:].mean():.1f} |"
        )
    return "\n".join(rows)


def _choice(rng: np.random.Generator, studies: int, looks: Looks) -> str:
    rows = []
    for effect in (0.8, 1.2, 2.0, 4.0):
        drawn = draw([effect] + [0.0] * 5, looks.at_most, studies, rng)
        cells = []
        for spending in (1.0, 1.5, 2.0, 3.0):
            ours = sequential(drawn, looks, 0.0, spending)
            cells.append(f"{100 * ours.found[:, 0].mean():.0f} %, {ours.seeds[:, 0].mean():.1f}")
        rows.append(f"| {effect:g} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


_HEAD = """# Stopping when decided

`stop: {when: decided, at_most: 30}` in a sweep looks at every comparison after the first `seeds`, then after every seed
more (`every: N`: after every N), and gives further seeds only to those that are still open. Looking often finds too
much unless it is paid for. This page is made by `python benchmarks/sequential.py`.

**How.** The error rate is spent over the looks (Lan & DeMets 1983; power family, Kim & DeMets 1987) along the null
distribution of successive t statistics, computed exactly for the few seeds there are
(`dcgan/statistics/sequential/markov_chain.py`; compare Armitage, McPherson & Rowe 1969, Jennison & Turnbull 1991). The
p in the report is the sequential p-value: the smallest error rate of all looks at which the comparison is rejected by
now. Holm's procedure on these controls the familywise error over arms and looks together, whatever made one stop (the
closed test of Maurer & Bretz 2013).
Intervals are repeated confidence intervals (Jennison & Turnbull 1989); "no effect" needs the repeated one-sided limits,
5 % each over all looks, within the margin. As for the fixed design, differences are taken to be normal.

**What counts.** A look is taken once all runs that it needs are over. Runs that diverged have no score and give no
pair; a run that failed is tried again before the look. The error is spent by planned seeds, so that nothing seen
changes how fast. A decided comparison stays as it was decided, and the baseline runs as long as any other arm. The
margin is a share of the baseline's mean over the first look's seeds, so that it does not move. Once trials ran,
neither the rule nor the seeds can be changed.

## Errors

Shares of simulated studies without any true difference that found one (nominal 5 %; 40,000 studies each, so +- 0.2 %),
and of comparisons with a true difference as large as the margin, 0.5 standard deviations, that were called "no effect"
(nominal at most 5 %). *Naive* takes the fixed design's p and intervals at every look.

| arms | seeds | found, sequential | found, naive | "no effect", sequential | "no effect", naive |
|--:|---|--:|--:|--:|--:|"""

_POWER = """
## Power and seeds

Six arms, one of which differs by the effect (in standard deviations of the paired differences); looks after 5 seeds and
every further one to 30; margin 0.5. Seeds are those that a comparison took on average.

| effect | found, sequential | found, 10 seeds | found, 30 seeds | seeds of that arm | of those without effect |
|--:|--:|--:|--:|--:|--:|"""

_CHOICE = """
## Why the square

Found, and seeds taken by the arm that differs, for error spent in proportion to that power of the share of the seeds:

| effect | 1 | 1.5 | 2 | 3 |
|--:|--:|--:|--:|--:|"""

if __name__ == "__main__":
    main()
