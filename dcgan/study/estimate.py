"""How long the rest of a study takes and what its seeds can resolve, from runs that were measured."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcgan import places
from dcgan.errors import DcganError
from dcgan.experiment import Experiment
from dcgan.study.outcome import Outcome, metric_of, outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.study.power import sd_of_differences
from dcgan.tracking.directory import FINAL, RunDirectory

_RUNS_LOOKED_AT = 200  # the newest ones: reading thousands of descriptions would take longer than it is worth


def outcomes(plan: Plan) -> dict[str, Outcome]:
    """The record of every run of the plan that was begun, by run id."""
    found = {trial.run: outcome_of(trial) for trial in plan.trials}
    return {run: outcome for run, outcome in found.items() if outcome is not None}


def seconds_left(plan: Plan, known: Mapping[str, Outcome], workers: int) -> float | None:
    """Training seconds until the last trial is done, by `workers` at a time; None until anything like it was
    measured.

    A trial is taken to last as long as its arm's did, else as the study's, else as a run with the same
    networks and data at its rate of images. Scoring comes on top.
    """
    todo = [trial for trial in plan.trials if known.get(trial.run, {}).get("status") not in FINAL]
    if not todo:
        return 0.0
    by_arm: dict[str, list[float]] = {}
    for trial in plan.trials:
        outcome = known.get(trial.run, {})
        if outcome.get("status") == "finished":
            by_arm.setdefault(trial.arm, []).append(outcome["seconds"])
    everything = [seconds for measured in by_arm.values() for seconds in measured]
    if not everything:
        rate = _images_per_second(plan)
        images = sum(trial.experiment.budget.images for trial in todo)
        return None if rate is None else images / rate / workers
    usual = statistics.mean(everything)
    return sum(_rest(trial, by_arm, usual, known) for trial in todo) / workers


def _rest(trial: Trial, by_arm: Mapping[str, list[float]], usual: float, known: Mapping[str, Outcome]) -> float:
    whole = statistics.mean(by_arm[trial.arm]) if trial.arm in by_arm else usual
    done = float(known.get(trial.run, {}).get("seconds") or 0.0)
    return max(0.0, whole - done)


def _images_per_second(plan: Plan) -> float | None:
    """The median rate of the newest runs with the plan's data and networks."""
    wanted = {_likeness(trial.experiment) for trial in plan.trials}
    rates = []
    for path in _newest_runs():
        run = RunDirectory(path)
        try:
            record = run.record()
            if record and record["images_per_second"] and _likeness(run.experiment()) in wanted:
                rates.append(float(record["images_per_second"]))
        except (DcganError, KeyError, TypeError, ValueError):
            continue  # somebody else's damaged run is no reason not to plan
    return statistics.median(rates) if rates else None


def _newest_runs() -> list[Path]:
    files = [(path.stat().st_mtime, path.parent) for path in places.runs().glob("*/run.json")]
    return [folder for _, folder in sorted(files, reverse=True)[:_RUNS_LOOKED_AT]]


def _likeness(experiment: Experiment) -> tuple[Any, ...]:
    """What makes two runs cost about the same per image."""
    data = experiment.data
    widths = experiment.generator.width, experiment.discriminator.width
    return data.name, data.size, data.channels, widths, experiment.compute.precision


def measured_sd(plan: Plan, known: Mapping[str, Outcome]) -> float | None:
    """The pooled standard deviation of the metric's paired differences to the baseline, if any can be
    formed."""
    values: dict[str, dict[int, float]] = {}
    for trial in plan.trials:
        if trial.run in known:
            value = metric_of(known[trial.run], plan.sweep.metric)
            if value is not None:
                values.setdefault(trial.arm, {})[trial.seed] = value
    return sd_of_differences(values, plan.baseline)
