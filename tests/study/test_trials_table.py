"""trials.csv, the overview and the estimates: from run directories alone."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from scipy.stats import chi2

from dcgan.runs.directory import RunDirectory
from dcgan.study import outcomes, stored_plans, trials_table
from dcgan.study import plan as planning
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview
from dcgan.study.timing import estimate
from dcgan.sweeps import sweep
from tests.tiny import record


def _plan(write_sweep: Any, **changes: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(factors=["batch_norm"]), changes))
    stored_plans.write(plan)
    return plan


def _record(trial: Trial, **values: Any) -> RunDirectory:
    run = RunDirectory.of(trial.experiment)
    run.describe(trial.experiment)
    run.write_record(record(trial, **{"seconds": 1.0, "images": 0, **values}))
    return run


def _find(plan: Plan, arm: str, seed: int) -> Trial:
    return next(trial for trial in plan.trials if (trial.arm, trial.seed) == (arm, seed))


def test_the_table_has_the_contract_s_columns_and_a_row_a_trial(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    scores = {"fid": 10.5, "isc": 2.0, "kid": 0.1, "precision": 0.5, "recall": 0.25}
    _record(_find(plan, "bare", 0), status="finished", scores=scores, seconds=3.14159)
    _record(_find(plan, "batch_norm", 0), status="diverged", failure="loss is not finite")
    trials_table.write(plan)
    text = (plan.directory / "trials.csv").read_text()
    assert text.splitlines()[0] == (
        "study,arm,seed,run,status,batch_norm,fid,isc,kid,precision,recall,"
        "density,coverage,modes,modes_kl,class_distance,fid_infinity,memorisation,fid_floor,fid_sd,fid_infinity_error,protocol,seconds"
    )
    rows = {(row["arm"], row["seed"]): row for row in csv.DictReader(text.splitlines())}
    assert len(rows) == 4
    assert rows["bare", "0"]["fid"] == "10.5"
    assert rows["bare", "0"]["batch_norm"] == "off"
    assert rows["bare", "0"]["seconds"] == "3.14"
    assert rows["batch_norm", "0"]["status"] == "diverged"
    assert rows["batch_norm", "0"]["fid"] == ""
    assert rows["bare", "1"]["status"] == "planned"


def test_a_damaged_record_is_a_failure_that_says_so(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    run = _record(plan.trials[0], status="finished")
    (run.path / "run.json").write_text("{")
    trials_table.write(plan)
    known = outcomes.outcome_of(plan.trials[0])
    assert known is not None
    assert known.status == "failed"
    assert "damaged" in known.failure
    assert Overview(plan).look().counts["failed"] == 1


def test_counts_add_up_and_only_a_held_run_is_running(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    first, second, third, _ = plan.trials
    _record(first, status="finished", scores={"fid": 1.0})
    run = _record(second, status="running", images=20)
    _record(third, status="running")  # its worker died
    run.append("metrics", {"images": 50})
    run.append("scores", {"images": 50, "fid": 7.5})
    overview = Overview(plan)
    with run.held(lambda: False):
        standing = overview.look()
    assert standing.to_json() == {
        "study": "small",
        "planned": 4,
        "running": 1,
        "finished": 1,
        "failed": 0,
        "diverged": 0,
        "pruned": 0,
        "waiting": 2,
        "skipped": 0,
    }
    assert [(each.trial, each.images, each.score) for each in standing.running] == [(second, 50, 7.5)]
    assert standing.running[0].share == 0.25
    assert not standing.complete
    assert overview.look().counts["running"] == 0
    assert standing.line() == "1 of 4 trials finished, 1 running, 2 waiting"


def test_time_left_is_the_arm_s_own_and_shared_by_the_workers(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=3)
    for seed in (0, 1):
        _record(_find(plan, "bare", seed), status="finished", seconds=10.0)
        _record(_find(plan, "batch_norm", seed), status="finished", seconds=30.0)
    _record(_find(plan, "batch_norm", 2), status="running", seconds=12.0)
    known = Overview(plan).look().outcomes
    assert estimate.seconds_left(plan, known, 1) == pytest.approx(10 + 30 - 12)
    assert estimate.seconds_left(plan, known, 2) == pytest.approx(14)


def test_time_is_unknown_until_something_alike_was_measured(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    assert estimate.seconds_left(plan, {}, 1) is None
    other = planning.make(sweep.load(write_sweep(name="other"), {"latent.dim": 3}))
    _record(other.trials[0], status="finished", images_per_second=100.0)
    assert estimate.seconds_left(plan, {}, 2) == pytest.approx(4 * 200 / 100 / 2)
    wider = planning.make(sweep.load(write_sweep(name="wide"), {"generator.width": 16}))
    assert estimate.seconds_left(wider, {}, 1) is None


def test_the_deviation_of_the_differences_is_measured_over_pairs(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=3)
    fids = {("bare", 0): 10.0, ("bare", 1): 20.0, ("batch_norm", 0): 11.0, ("batch_norm", 1): 24.0}
    for (arm, seed), fid in fids.items():
        _record(_find(plan, arm, seed), status="finished", scores={"fid": fid})
    known = Overview(plan).look().outcomes
    spread = 1.5 * 2**0.5  # of the differences 1 and 4, divided by what the sd of two understates in the median
    assert estimate.measured_sd(plan, known) == pytest.approx(spread / chi2.median(1) ** 0.5)
