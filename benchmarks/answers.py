"""The figure of merit: comparisons settled correctly per core-hour, at a family-wise error of at most 5 %.

    python benchmarks/answers.py                # simulated studies of eleven tips
    python benchmarks/answers.py TABLE...       # and of real runs: columns arm, seed, status, fid, seconds

Settled correctly: found with the right sign, or called "no effect" (a margin of 5 %) where the true effect is within
it. An analysis whose family-wise error is above 5 % (by more than two errors of the simulation) gets no figure.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import families
import numpy as np
import orthogonal
import real_runs
from families import Analysis
from orthogonal import DIFFERENT, SPREAD, TIPS, Design
from real_runs import WAYS

from dcgan.statistics.moderation import Array

ERROR = 0.05
MARGIN = math.log1p(0.05)
LEVEL = 30.0  # the baseline's score, of which raw differences are taken
RUNS = 24, 36, 48, 96


def main(words: list[str] | None = None) -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, nargs="*", metavar="TABLE", help="of real runs")
    parser.add_argument("--studies", type=int, default=4000, help="simulated studies a row")
    parser.add_argument("--seconds", type=float, default=15.0, help="core-seconds that a simulated run stands for")
    options = parser.parse_args(words)
    print("\n".join(_simulated(options.studies, options.seconds)), flush=True)
    for table in options.tables:
        print("\n".join(_real(table, options.studies)), flush=True)


def _figure(right: float, error: float, hours: float, studies: int) -> str:
    """Comparisons settled correctly per core-hour; none where the error is too large."""
    allowed = ERROR + 2 * math.sqrt(ERROR * (1 - ERROR) / studies)
    return f"{right:.2f} | {error:.3f} | " + (f"{right / hours:.1f}" if error <= allowed else "error too large")


def _simulated(studies: int, seconds: float) -> Iterator[str]:
    yield f"## Simulated: {TIPS} tips, {DIFFERENT} with an effect of 20 %, spread {100 * SPREAD:g} %, sigma .5"
    yield f"\n{studies:,} studies a row; a run takes {seconds:g} core-seconds.\n"
    yield "| runs | design and analysis | settled correctly, of 11 | family-wise error | per core-hour |"
    yield "|--:|---|--:|--:|--:|"
    for runs in RUNS:
        for name, design, raw in _ways(runs):
            right, error = _outcome(design, raw, studies, runs)
            yield f"| {runs} | {name} | {_figure(right, error, runs * seconds / 3600.0, studies)} |"
    yield ""


def _ways(runs: int) -> Iterator[tuple[str, Design, bool]]:
    seeds = runs // (TIPS + 1)
    yield "one left out at a time, raw, plain t + Holm (old)", Design("", 0, seeds, "plain"), True
    yield "one left out at a time, log, plain t + Holm", Design("", 0, seeds, "plain"), False
    yield "one left out at a time, log, moderated (new)", Design("", 0, seeds, "moderated"), False
    yield "Plackett-Burman, log, pooled error", Design("", 12, seeds, "pooled"), False
    if runs >= 48:
        yield "Plackett-Burman folded over, log, pooled error", Design("", 24, runs // 24, "pooled"), False


def _outcome(design: Design, raw: bool, studies: int, seed: int) -> tuple[float, float]:
    """Comparisons settled correctly on average, and the family-wise error of studies without any effect."""
    random = np.random.default_rng([20261129, seed, design.arms])
    effects = np.log1p(0.20) * np.where(np.arange(TIPS) % 2, -1.0, 1.0) * (np.arange(TIPS) < DIFFERENT)
    means, made, margin = _analysed(design, raw, orthogonal.draw(design, effects, 0.5, studies, random))
    same = ~made.found() & (np.abs(means) + made.half_equivalence <= margin)
    right = np.where(effects == 0.0, same, made.found() & (np.sign(means) == np.sign(effects)))
    null = _analysed(design, raw, orthogonal.draw(design, np.zeros(TIPS), 0.5, studies, random))[1]
    return float(right.sum(axis=1).mean()), float(null.found().any(axis=1).mean())


def _analysed(design: Design, raw: bool, logs: Array) -> tuple[Array, Analysis, Array]:
    """The estimates, their analysis, and the margin of every study on the same scale."""
    if not raw:
        return *orthogonal.analyse(design, logs), np.full((len(logs), 1), MARGIN)
    scores = LEVEL * np.exp(logs)
    differences = scores[:, 1:] - scores[:, :1]
    margin = real_runs.MARGIN * scores[:, 0].mean(axis=1, keepdims=True)
    return differences.mean(axis=2), families.plain(differences), margin


def _real(table: Path, studies: int) -> Iterator[str]:
    runs = real_runs.read(table)
    yield f"## {table.stem}: studies drawn from {len(runs.seeds)} seeds of {len(runs.arms)} arms"
    yield "\nThe error is that of studies whose every comparison has its effect over all seeds taken off.\n"
    yield f"| seeds | analysis | settled correctly, of {len(runs.arms) - 1} | family-wise error | per core-hour |"
    yield "|--:|---|--:|--:|--:|"
    random = np.random.default_rng(20261129)
    for seeds in (count for count in (3, 4, 5, 8) if count < len(runs.seeds)):
        drawn = runs.draw(seeds, studies, random)
        for way in WAYS:
            made = real_runs.settled(runs, drawn, way)
            yield f"| {seeds} | {way.name} | {_figure(made.right, made.error, runs.hours(drawn), studies)} |"
    yield ""


if __name__ == "__main__":
    main()
