"""How long trials take and what a plan's seeds can resolve, from runs that were measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.records import run_record
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.study.outcomes import scores
from dcgan.study.pending import skipped
from dcgan.study.plan import Plan, Trial

Costs = Mapping[str, float]  # seconds of a whole trial, training and scoring, by arm

_RUNS_LOOKED_AT = 200  # the newest ones: reading thousands of descriptions would take longer than it is worth
_FREE = ("name", "seed", "tracking", "schedule")  # sections that cost no time
_FREE_KEYS = ("init", "lr", "beta1", "beta2", "alpha", "momentum", "weight_decay", "slope", "weight", "folder")


def todo(plan: Plan, known: Mapping[str, RunRecord]) -> list[Trial]:
    """The trials that are left, in running order; of a study that stops when decided, all that may be needed."""
    never = skipped(plan, known)
    return [
        trial
        for trial in plan.trials
        if trial.run not in never and not (trial.run in known and known[trial.run].is_over)
    ]


def seconds_left(plan: Plan, known: Mapping[str, RunRecord], workers: int, costs: Costs | None = None) -> float | None:
    """Seconds until the last trial is done and scored, by so many at a time; None until anything like it was measured.

    Where `costs` say nothing of an arm, its trials are taken to last as long as its finished ones did, else as the
    study's, else as a run with the same networks and data at its rate of images.
    """
    left = todo(plan, known)
    if not left:
        return 0.0
    costs = {**usual(plan, known), **(costs or {})}
    if any(trial.arm not in costs for trial in left):
        return None
    return sum(rest(trial, costs[trial.arm], known) for trial in left) / workers


def rest(trial: Trial, whole: float, known: Mapping[str, RunRecord]) -> float:
    """What is left of a trial that takes `whole` seconds."""
    return max(0.0, whole - (known[trial.run].total_seconds if trial.run in known else 0.0))


def measured(plan: Plan, known: Mapping[str, RunRecord]) -> dict[str, float]:
    """The mean time of each arm's finished runs, else of other studies' runs that cost the same; arms without any are
    left out."""
    found = _by_arm(plan, known)
    missing = {trial.arm: cost_class(trial.experiment, whole=True) for trial in plan.trials if trial.arm not in found}
    if missing:
        alike: dict[Any, list[float]] = {}
        for experiment, record in _newest_runs():
            if record.status == "finished":
                alike.setdefault(cost_class(experiment, whole=True), []).append(record.total_seconds)
        found |= {arm: alike[kind] for arm, kind in missing.items() if kind in alike}
    return {arm: statistics.mean(seconds) for arm, seconds in found.items()}


def cost_class(experiment: Experiment, *, whole: bool = False) -> tuple[Any, ...]:
    """What makes the steps of two experiments cost the same; with `whole`, their whole trials."""
    free = _FREE if whole else (*_FREE, "budget", "score")
    content = flatten(experiment.model_dump(mode="json"))
    return tuple(
        (key, value)
        for key, value in content.items()
        if key.partition(".")[0] not in free and key.rpartition(".")[2] not in _FREE_KEYS
    )


def measured_sd(plan: Plan, known: Mapping[str, RunRecord]) -> float | None:
    """The pooled standard deviation of the metric's paired differences to the baseline, on the study's scale, if any
    can be formed."""
    from dcgan.statistics.resolution import sd_of_differences  # late: SciPy takes half a second

    return sd_of_differences(scores(plan, known), plan.baseline, plan.sweep.scale)


def baseline_mean(plan: Plan, known: Mapping[str, RunRecord]) -> float | None:
    """The mean metric of the baseline's runs, if there are any."""
    values = scores(plan, known).get(plan.baseline, {})
    return statistics.mean(values.values()) if values else None


def _by_arm(plan: Plan, known: Mapping[str, RunRecord]) -> dict[str, list[float]]:
    by_arm: dict[str, list[float]] = {}
    for trial in plan.trials:
        record = known.get(trial.run)
        if record is not None and record.status == "finished":
            by_arm.setdefault(trial.arm, []).append(record.total_seconds)
    return by_arm


def usual(plan: Plan, known: Mapping[str, RunRecord]) -> dict[str, float]:
    """What each arm's trials are taken to last where nothing closer is known; empty until anything was measured."""
    by_arm = _by_arm(plan, known)
    arms = {trial.arm: trial.experiment for trial in plan.trials}
    if everything := [seconds for of_arm in by_arm.values() for seconds in of_arm]:
        return {arm: statistics.mean(by_arm.get(arm, everything)) for arm in arms}
    wanted = {_likeness(experiment) for experiment in arms.values()}
    rates = [
        record.images_per_second
        for experiment, record in _newest_runs()
        if record.images_per_second and _likeness(experiment) in wanted
    ]
    if not rates:
        return {}
    return {arm: experiment.budget.images / statistics.median(rates) for arm, experiment in arms.items()}


def _newest_runs() -> Iterator[tuple[Experiment, RunRecord]]:
    """The newest runs; those that are damaged are left out."""
    records = paths.runs().glob(f"*/{run_record.NAME}")
    files = sorted(((path.stat().st_mtime, path.parent) for path in records), reverse=True)
    for _, folder in files[:_RUNS_LOOKED_AT]:
        run = RunDirectory(folder)
        try:
            record = run.record()
            if record:
                yield run.experiment(), record
        except (DcganError, KeyError, TypeError, ValueError):
            continue


def _likeness(experiment: Experiment) -> tuple[Any, ...]:
    """What makes two runs cost about the same per image."""
    data = experiment.data
    widths = experiment.generator.width, experiment.discriminator.width
    return data.name, data.size, data.channels, widths, experiment.compute.precision
