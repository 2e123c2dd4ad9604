"""The outlook of a plan: what is left of it, how long that takes here, what fits into a time, what it can resolve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.formatting import count, duration
from dcgan.common.messages import message
from dcgan.records.run_record import FINAL
from dcgan.runs import environment
from dcgan.statistics.resolution import assumed_sd, detectable, sentence, share, sign_flip_floor, warning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, Trial
from dcgan.study.resolving import alternatives, planned
from dcgan.study.run_length import RunLength, run_length
from dcgan.study.status import Overview, Standing
from dcgan.study.timing import estimate
from dcgan.study.timing.deadline import TimeBudget, parse_duration, time_budget


@dataclass(frozen=True)
class Outlook:
    """What is left of a plan for so many workers, how long it takes, and within a time the part of it that fits.

    `seconds` is None where the data are not here, so that nothing can be measured. `time` is as the user gave it.
    """

    plan: Plan
    standing: Standing
    todo: Sequence[Trial]
    workers: int
    costs: estimate.Costs
    seconds: float | None
    time: str | None = None
    budget: TimeBudget | None = None
    first: Standing | None = None  # of a replication: of the study that it replicates, whose spread is known

    @property
    def pairs(self) -> int:
        """The seeds that all arms will have."""
        if self.budget is None:
            return len(self.plan.seeds)
        left_out = {trial.seed for trial in self.todo} - set(self.budget.seeds)
        return len(set(self.plan.seeds) - left_out)

    @property
    def reused(self) -> int:
        """How many trials are over already."""
        return sum(self.standing.counts[status] for status in FINAL)

    @property
    def run_length(self) -> RunLength:
        """How long a run of any arm is."""
        return run_length(self.plan.experiments.values())

    @property
    def gpu_hours(self) -> float | None:
        """Hours of a GPU that has one trial at a time; None on a CPU."""
        device = environment.choose_device(self.plan.base.compute.device)
        if device.type != "cuda" or self.seconds is None:
            return None
        return sum(estimate.rest(trial, self.costs[trial.arm], self.standing.outcomes) for trial in self.todo) / 3600

    def in_time(self) -> str:
        """What of it fits into the time, as a line."""
        assert self.time is not None and self.budget is not None  # noqa: S101 - the callers ask first
        rest = len(self.todo) - len(self.budget.trials)
        then = f"; the other {rest} stay planned, and the same command without --for goes on with them" if rest else ""
        return (
            f"in {self.time}: {count(len(self.budget.seeds), 'whole seed')} of all arms, {len(self.budget.trials)} "
            f"trials in about {duration(self.budget.seconds)}, {self.workers} at a time{then}"
        )

    def stage_json(self) -> dict[str, Any]:
        """It as a stage before the sweep's own study."""
        return {
            "study": self.plan.study,
            "trials": len(self.plan.trials),
            "reused": self.reused,
            "seeds": list(self.plan.seeds),
            "workers": self.workers,
            "seconds": self.seconds,
        }

    def to_json(self) -> dict[str, Any]:
        """It as the sweep's own study, with what its seeds can resolve."""
        plan, pairs, budget = self.plan, self.pairs, self.budget
        metric, scale, compared = plan.sweep.metric, plan.sweep.scale, planned(plan, pairs)
        seen = self.first or self.standing
        sd, effect = estimate.measured_sd(seen.plan, seen.outcomes), detectable(compared)
        spread = assumed_sd() if sd is None and scale == "ratio" else sd
        return {
            **self.standing.to_json(),
            "replicates": plan.sweep.replicates,
            "start": plan.sweep.start,
            "baseline": plan.baseline,
            "arms": [arm.name for arm in plan.arms],
            "held": dict(plan.held),
            "aliases": plan.reading.aliases.to_json() if plan.reading.aliases else None,
            "trials": len(plan.trials),
            "reused": self.reused,
            "run_length": self.run_length.to_json(),
            "workers": self.workers,
            "seconds": self.seconds,
            "gpu_hours": self.gpu_hours,
            "seeds": pairs,
            "looks": list(plan.looks.seeds) if plan.looks else None,
            "scale": scale,
            "in_time": budget
            and {"seeds": list(budget.seeds), "trials": len(budget.trials), "seconds": budget.seconds},
            "resolvable_difference": self._in_units(effect, sd),
            "resolvable_effect": None if spread is None or effect is None else effect * spread,
            "spread_assumed": sd is None and scale == "ratio",
            "resolvable_in_sd": effect,
            "resolution": sentence(compared, sd, metric, scale),
            "alternatives": [
                {**each.to_json(), "words": each.words(sd, metric, scale == "ratio")}
                for each in alternatives(plan, pairs)
            ],
            "sign_flip_floor": sign_flip_floor(pairs, compared.comparisons),
            "warning": warning(compared),
        }

    def _in_units(self, effect: float | None, sd: float | None) -> float | None:
        """A resolvable effect in the metric's units, from runs that there are; of ratios by the baseline's mean."""
        if effect is None or sd is None:
            return None
        if self.plan.sweep.scale == "difference":
            return effect * sd
        seen = self.first or self.standing
        mean = estimate.baseline_mean(seen.plan, seen.outcomes)
        return None if mean is None else mean * share(effect * sd)


def look_ahead(plan: Plan, workers: int, time: str | None = None, spent: float = 0.0) -> Outlook:
    """The outlook of a plan; within a `time` (such as 2h) of which stages before it took `spent` seconds.

    Trains a few steps of each arm of which no run was measured. Raises Misuse where not even one seed of all arms fits,
    and DcganError where the data are not here to tell.
    """
    standing = Overview(plan).look()
    todo = estimate.todo(plan, standing.outcomes)
    costs = _costs(plan, standing, todo, workers)
    seconds = estimate.seconds_left(plan, standing.outcomes, workers, costs)
    replicated = plan.sweep.replicates
    first = None if replicated is None else Overview(stored_plans.load(replicated)).look()
    if time is None:
        return Outlook(plan, standing, todo, workers, costs, seconds, first=first)
    if any(trial.arm not in costs for trial in todo):
        raise DcganError(f"--for {time}: how long a trial takes cannot be measured before its data are here")

    def left(trial: Trial) -> float:
        return estimate.rest(trial, costs[trial.arm], standing.outcomes)

    budget = time_budget(todo, parse_duration(time) - spent, workers, left)
    if todo and not budget.seeds:
        _refuse(todo, workers, left, time, spent)
    return Outlook(plan, standing, todo, workers, costs, seconds, time, budget, first)


def _refuse(todo: Sequence[Trial], workers: int, left: Callable[[Trial], float], time: str, spent: float) -> None:
    """Raises Misuse with the time that one seed of all arms takes."""
    block = [trial for trial in todo if trial.seed == todo[0].seed]
    needed = time_budget(block, float("inf"), workers, left).seconds
    after = f", after {duration(spent)} for the tuning" if spent else ""
    raise Misuse(
        f"--for {time}: one seed of all arms, {len(block)} trials, takes about {duration(needed)}, {workers} "
        f"at a time{after}: give more time"
    )


def arm_costs(plan: Plan, workers: int) -> estimate.Costs:
    """Seconds of a whole trial by arm, measured; arms whose data are not here are left out."""
    return _costs(plan, Overview(plan).look(), plan.trials, workers)


def _costs(plan: Plan, standing: Standing, todo: Sequence[Trial], workers: int) -> dict[str, float]:
    """Measured times of whole trials by arm; where there are none, a few steps are measured here."""
    costs = estimate.measured(plan, standing.outcomes)
    missing = [arm for arm in dict.fromkeys(trial.arm for trial in todo) if arm not in costs]
    if missing:
        from dcgan.study.timing import measure  # late: it imports the trainer

        threads = plan.base.compute.threads or max(1, environment.cores() // workers)
        costs |= measure.seconds(plan, missing, threads, message)
    return costs
