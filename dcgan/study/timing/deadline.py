"""A study within a time: which whole blocks of seeds fit, and whether one more trial may begin."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dcgan.common.errors import Misuse
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.plan import Plan, Trial
from dcgan.study.timing import estimate as estimates

Estimate = Callable[[Trial], float]  # seconds until a trial is done

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True)
class TimeBudget:
    """What is to be done in the time: all trials of these seeds that are left, and how long they take."""

    seeds: tuple[int, ...]
    trials: tuple[Trial, ...]
    seconds: float


def parse_duration(text: str) -> float:
    """`2h`, `90m`, `1h30m`, `45s` in seconds. Raises Misuse for anything else, and for no time at all."""
    match = _DURATION.fullmatch(text.strip())
    hours, minutes, seconds = (float(part or 0) for part in match.groups()) if match else (0.0, 0.0, 0.0)
    total = 3600 * hours + 60 * minutes + seconds
    if total <= 0:
        raise Misuse(f"--for {text}: expected a time such as 2h, 90m, 1h30m or 45s")
    return total


def time_budget(todo: Sequence[Trial], seconds: float, workers: int, estimate: Estimate) -> TimeBudget:
    """The whole blocks of seeds, in running order, that `workers` finish in the time.

    Each trial goes to the worker that is free first. A block that fits only in part is left out altogether, since what
    is compared is seeds that all arms have.
    """
    free = [0.0] * workers
    seeds: list[int] = []
    trials: list[Trial] = []
    for seed in dict.fromkeys(trial.seed for trial in todo):
        block = [trial for trial in todo if trial.seed == seed]
        after = list(free)
        for trial in block:
            first = after.index(min(after))
            after[first] += estimate(trial)
        if max(after) > seconds:
            break
        free = after
        seeds.append(seed)
        trials += block
    return TimeBudget(tuple(seeds), tuple(trials), max(free))


def within(plan: Plan, todo: Sequence[Trial], budget: TimeBudget) -> Plan:
    """The plan with the trials that are done and those of the budget; the rest stays planned in the whole one."""
    left_out = {trial.run for trial in todo} - {trial.run for trial in budget.trials}
    return replace(plan, trials=tuple(trial for trial in plan.trials if trial.run not in left_out))


def gate(plan: Plan, left: float, workers: int) -> Callable[[Trial], bool]:
    """Whether a worker, one of so many, may begin a trial: asked before it claims one. `left`: seconds from now on.

    A trial that was begun goes on to its end, even if the estimate was too short: nothing is thrown away. The first
    trial of a block of seeds begins only if the whole block fits, so that what is done in the time is balanced; a later
    one if it fits itself. Before any trial ended nothing is known, and everything that begins within the time may. What
    is known is what was measured when the gate was made: make it anew for each claim.
    """
    end = time.monotonic() + left
    costs = estimates.usual(plan, outcomes(plan))

    def may_begin(trial: Trial) -> bool:
        block = [other for other in plan.trials if other.seed == trial.seed]
        records = {other.run: record for other in block if (record := outcome_of(other)) is not None}

        def rest(other: Trial) -> float:
            return estimates.rest(other, costs.get(other.arm, 0.0), records)

        if records:
            return time.monotonic() + rest(trial) <= end
        return time.monotonic() + time_budget(block, math.inf, workers, rest).seconds <= end

    return may_begin
