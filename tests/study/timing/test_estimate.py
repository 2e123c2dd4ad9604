"""How long a study takes and how far its runs scatter, from runs that are there."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from scipy.stats import chi2

from dcgan.common import paths
from dcgan.study import plan as planning
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview
from dcgan.study.timing import estimate
from dcgan.sweeps import sweep
from tests.study.recorded import plan_of, stored_plan, write_run


def _find(plan: Plan, arm: str, seed: int) -> Trial:
    return next(trial for trial in plan.trials if (trial.arm, trial.seed) == (arm, seed))


def test_time_left_is_the_arm_s_own_and_shared_by_the_workers(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep, seeds=3)
    for seed in (0, 1):
        write_run(_find(plan, "bare", seed), status="finished", seconds=10.0)
        write_run(_find(plan, "batch_norm", seed), status="finished", seconds=30.0)
    write_run(_find(plan, "batch_norm", 2), status="running", seconds=12.0)
    known = Overview(plan).look().outcomes
    assert estimate.seconds_left(plan, known, 1) == pytest.approx(10 + 30 - 12)
    assert estimate.seconds_left(plan, known, 2) == pytest.approx(14)


def test_time_is_unknown_until_something_alike_was_measured(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    assert estimate.seconds_left(plan, {}, 1) is None
    other = planning.make(sweep.load(write_sweep(name="other"), {"latent.dim": 3}))
    write_run(other.trials[0], status="finished", images_per_second=100.0)
    assert estimate.seconds_left(plan, {}, 2) == pytest.approx(4 * 200 / 100 / 2)
    wider = planning.make(sweep.load(write_sweep(name="wide"), {"generator.width": 16}))
    assert estimate.seconds_left(wider, {}, 1) is None


def test_the_deviation_of_the_differences_is_measured_over_pairs(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep, seeds=3)
    fids = {("bare", 0): 10.0, ("bare", 1): 20.0, ("batch_norm", 0): 11.0, ("batch_norm", 1): 24.0}
    for (arm, seed), fid in fids.items():
        write_run(_find(plan, arm, seed), status="finished", scores={"fid": fid})
    known = Overview(plan).look().outcomes
    # Of the differences of logarithms, divided by what the sd of two understates in the median.
    spread = (math.log(24 / 20) - math.log(11 / 10)) / 2**0.5
    assert estimate.measured_sd(plan, known) == pytest.approx(spread / chi2.median(1) ** 0.5)


@pytest.mark.parametrize(("changes", "alike"), [({"study": "b"}, True), ({"latent.dim": 3}, False)])
def test_runs_of_other_studies_that_cost_the_same_are_a_measurement(
    write_sweep: Any, changes: dict[str, Any], alike: bool
) -> None:
    other = planning.make(sweep.load(write_sweep(name="other", seeds=[7]), changes))
    for trial in other.trials:
        folder = paths.runs() / trial.run
        folder.mkdir(parents=True)
        record = {
            "status": "finished",
            "seed": 7,
            "attempts": 1,
            "seconds": 20.0,
            "scoring_seconds": 5.0,
            "images": 200,
        }
        (folder / "run.json").write_text(json.dumps({**record, "scores": {}}))
        (folder / "experiment.yaml").write_text(trial.experiment.to_yaml())
    found = estimate.measured(plan_of(write_sweep()), {})
    assert found == (dict.fromkeys(("bare", "batch_norm", "he_init"), 25.0) if alike else {})
