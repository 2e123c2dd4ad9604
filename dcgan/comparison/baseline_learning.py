"""Whether the baseline of a report has learned enough for its arms to be compared at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from dcgan.common.metrics import Goal
from dcgan.comparison.results import Results, known_goal
from dcgan.experiment.description import updates_of_g

_ENOUGH = 0.5  # of the way


@dataclass(frozen=True)
class HardlyTrained:
    """A baseline that went less than half of the way from untrained networks to real images, by medians over its seeds.

    `score`: at the end of its runs; `untrained`: before training; `floor`: the noise floor, None where it is not known;
    `updates`: of G in one of its runs, None where its settings are not known.
    """

    score: float
    untrained: float
    floor: float | None
    updates: int | None


def share_learned(untrained: float, score: float, floor: float) -> float:
    """How far of the way from the untrained networks' score to the noise floor: 0 at the start, 1 at the floor.

    Below 0 for a score that is worse than untrained. `untrained` must be above `floor`.
    """
    return (untrained - score) / (untrained - floor)


def hardly_trained(
    results: Results, metric: str, goal: Goal, baseline: str, scores: Mapping[int, float]
) -> HardlyTrained | None:
    """The baseline's `scores` by seed, if they show that it has hardly learned; None if not, or if nobody can tell.

    The rule: by a distance (FID, KID), `share_learned` is below 1/2. A network that learns at all covers most of that
    way early (the demo's baseline three quarters within 100 updates of G). Before that, arms differ in how their
    training begins or breaks down, not in what it comes to: more seeds make that difference surer, and no more to the
    point. One half is far from either case, so that the untrained score, which is the curve's and may be taken on
    fewer images than the last, need not be exact. Where the floor is not known, 0 stands for it.
    """
    curves = results.curves
    if "maximize" in (goal, known_goal(metric)) or not scores or curves is None or metric not in curves:
        return None
    first = curves[(curves["arm"] == baseline) & (curves["images"] == 0)][metric].dropna()
    if known_goal(metric) is None or first.empty:
        return None
    floor, untrained, score = _floor(results, metric), float(median(first)), median(scores.values())
    if untrained <= (floor or 0.0) or share_learned(untrained, score, floor or 0.0) >= _ENOUGH:
        return None
    updates = updates_of(results.setup.baseline) if results.setup else None
    return HardlyTrained(score, untrained, floor, updates)


def updates_of(settings: Mapping[str, Any]) -> int | None:
    """How often G is updated in a run of these settings, by dotted keys; None where they do not say."""
    names = ("budget.epochs", "budget.images_per_epoch", "update.batch", "update.d_steps", "update.g_steps")
    if any(settings.get(name) is None for name in names):
        return None
    epochs, images, batch, d_steps, g_steps = (int(settings[name]) for name in names)
    return updates_of_g(epochs * images, batch * d_steps, g_steps)


def _floor(results: Results, metric: str) -> float | None:
    """The median of what real images score beside the finished runs; None where there is nothing."""
    column = results.floor_column(metric)
    if column is None:
        return None
    floors = results.table.loc[results.table["status"] == "finished", column].astype(float).dropna()
    return None if floors.empty else float(floors.median())
