"""Studies drawn from a table of real runs of many seeds, whose truth is what all of its seeds say together."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import families
import numpy as np
from families import Analysis
from numpy.typing import NDArray

from dcgan.statistics.moderation import Array

BASELINES = "all", "plain"
MARGIN = 0.05  # of the score
Draws = NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """FID and seconds of [arms, seeds], the baseline first, of the seeds that every arm finished."""

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    fid: Array
    seconds: Array
    left_out: int  # seeds that some arm did not finish

    def draw(self, seeds: int, studies: int, random: np.random.Generator) -> Draws:
        """Which of the seeds each study has, [studies, seeds], without replacement."""
        return np.argsort(random.random((studies, len(self.seeds))), axis=1)[:, :seeds]

    def hours(self, drawn: Draws) -> float:
        """Core-hours of a study on average: a run takes one core."""
        return float(self.seconds.sum(axis=0)[drawn].sum(axis=1).mean()) / 3600.0


@dataclass(frozen=True)
class Way:
    """A way to analyse runs: the scale on which it takes differences, and their analysis."""

    name: str
    scale: Callable[[Array], Array]
    analysis: Callable[[Array], Analysis]


def _same(values: Array) -> Array:
    return values


def _log(values: Array) -> Array:
    return np.asarray(np.log(values))


WAYS = (
    Way("raw, plain t + Holm (old)", _same, families.plain),
    Way("log, plain t + Holm", _log, families.plain),
    Way("log, moderated (new)", _log, families.moderated),
)


def read(path: Path) -> Runs:
    """A table with the columns arm, seed, status, fid and, where it is known, seconds."""
    cells: dict[str, dict[int, tuple[float, float]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            runs = cells.setdefault(row["arm"], {})
            fid = float(row["fid"]) if row["status"] == "finished" and row["fid"] else math.nan
            if math.isfinite(fid) and fid > 0:
                runs[int(row["seed"])] = fid, float(row.get("seconds") or math.nan)
    baseline = next((name for name in BASELINES if name in cells), None)
    if baseline is None:
        raise SystemExit(f"{path}: no arm is called {' or '.join(BASELINES)}")
    others = sorted(arm for arm in cells if arm.startswith(("with-", "without-")))
    arms = (baseline, *others)
    whole = sorted(set.intersection(*(set(cells[arm]) for arm in arms)))
    known = set.union(*(set(cells[arm]) for arm in arms))
    values = np.array([[cells[arm][seed] for seed in whole] for arm in arms]).reshape(len(arms), len(whole), 2)
    return Runs(arms, tuple(whole), values[:, :, 0], values[:, :, 1], len(known) - len(whole))


@dataclass(frozen=True)
class Settled:
    """What studies of some of the seeds come to."""

    found: float  # comparisons on average
    true: float  # those of them that all seeds together find, with the same sign
    right: float  # these and what is "no effect", and is within the margin by all seeds
    wrong: float  # comparisons found with the other sign, on average
    coverage: float  # of all seeds' effect
    error: float  # studies that find something once every comparison's effect is taken off


def truth(runs: Runs, way: Way) -> tuple[Array, NDArray[np.bool_]]:
    """Each comparison's effect over all seeds, and whether plain t tests with Holm's procedure find it there."""
    differences = _differences(runs, way)
    return differences.mean(axis=1), families.plain(differences[None]).found()[0]


def _differences(runs: Runs, way: Way) -> Array:
    values = way.scale(runs.fid)
    return np.asarray(values[1:] - values[:1])


def settled(runs: Runs, drawn: Draws, way: Way) -> Settled:
    """Studies of the seeds that were drawn, against the truth of all of them."""
    every = _differences(runs, way)
    effects, real = truth(runs, WAYS[1] if way.scale is _log else way)
    studies = every[:, drawn].transpose(1, 0, 2)
    means, made = studies.mean(axis=2), way.analysis(studies)
    sign = np.sign(means) == np.sign(effects)
    margin = math.log1p(MARGIN) if way.scale is _log else MARGIN * float(runs.fid[0].mean())
    same = ~made.found() & (np.abs(means) + made.half_equivalence <= margin)
    right = (made.found() & sign) | (same & (np.abs(effects) <= margin))
    return Settled(
        found=float(made.found().sum(axis=1).mean()),
        true=float((made.found() & sign & real).sum(axis=1).mean()),
        right=float(right.sum(axis=1).mean()),
        wrong=float((made.found() & ~sign).sum(axis=1).mean()),
        coverage=float((np.abs(means - effects) <= made.half).mean()),
        error=float(way.analysis(studies - effects[:, None]).found().any(axis=1).mean()),
    )
