"""Small searches, and what settles their runs without training any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dcgan.queue import Claim
from dcgan.queue.search_queue import SearchQueue
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps.sweep import Sweep
from tests.tiny import record

LR = {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True}
WIDTH = {"path": "generator.width", "range": [4, 16]}
Score = Callable[[Mapping[str, str]], float]


def sweep_of(write_sweep: Any, factors: list[Any] | None = None, name: str = "found", **search: Any) -> Sweep:
    design = {"search": {"trials": 8, **search}}
    return sweeps.load(write_sweep(name, design=design, factors=factors or ["he_init", "batch_norm", LR, WIDTH]))


def begin(sweep: Sweep) -> tuple[Plan, SearchQueue]:
    plan = search_stages.search_of(sweep)
    stored_plans.write(plan)
    queue = SearchQueue(plan)
    queue.fill()
    return plan, queue


def settle(queue: SearchQueue, claim: Claim, value: float, seconds: float = 1.0) -> None:
    """As if the run had been trained to that score."""
    trial = claim.trial
    trial.directory.describe(trial.experiment)
    finished = record(trial, scores={"fid": value}, seconds=seconds)
    trial.directory.write_record(finished)
    queue.settle(claim, finished)


def drain(queue: SearchQueue, score: Score, seconds: Score = lambda _: 1.0) -> list[tuple[str, int]]:
    """Settles all runs that there are; returns (arm, seed) of each run in order."""
    done = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                return done
            done.append((claim.trial.arm, claim.trial.seed))
            levels = queue.plan.levels(claim.trial.arm)
            settle(queue, claim, score(levels), seconds(levels))


def bowl(levels: Mapping[str, str]) -> float:
    """Best at a width of 12."""
    return 100 + (float(levels["generator.width"]) - 12) ** 2
