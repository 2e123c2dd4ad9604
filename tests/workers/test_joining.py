"""Workers that join a study of several stages."""

from __future__ import annotations

from typing import Any

from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.stages import stages
from dcgan.sweeps import sweep
from dcgan.workers.joining import joined
from tests.study.tunings import TUNE, end_all, tuning


def test_an_older_plan_without_runs_is_no_way_round_the_tuning(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    stored_plans.write(planning.make(sweep.load(path, {"tune": None})))
    first = next(iter(stages(sweep.load(path))))
    stored_plans.write(first)
    assert next(joined("small", None, lambda: False)).study == "small-tuning"


def test_a_worker_is_given_the_tuning_first_and_then_the_study(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    plans = joined("small", None, lambda: False)
    leading = stages(sweep.load(path))
    stored_plans.write(next(leading))
    assert next(plans).study == "small-tuning"
    end_all(tuning(path), {"bare@2": 5.0})
    stored_plans.write(next(leading))
    last = next(plans)
    assert last.study == "small"
    assert last.tuned is not None and last.tuned.arms["bare"].candidate == 2
    assert not list(plans)
    assert [plan.study for plan in joined("small", None, lambda: False)] == ["small"]
