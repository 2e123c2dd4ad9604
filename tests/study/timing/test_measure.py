"""Time by a few steps: near the truth, once for arms that cost the same, nothing left behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from dcgan.common import paths
from dcgan.runs.run import run_trial
from dcgan.study.timing import measure
from tests.study.recorded import plan_of


def test_arms_that_cost_the_same_are_measured_once(write_sweep: Any) -> None:
    told: list[str] = []
    plan = plan_of(write_sweep())
    before = torch.get_num_threads()
    made = measure.seconds(plan, ["bare", "he_init", "batch_norm"], 1, told.append)
    assert told == ["measuring 1 of 2: bare", "measuring 2 of 2: batch_norm"]
    assert made["bare"] == made["he_init"] > 0
    assert torch.get_num_threads() == before
    assert not paths.runs().exists()


@pytest.mark.slow
def test_the_estimate_is_near_the_truth(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(factors=["batch_norm"], seeds=1), budget__epochs=60)
    guess = measure.seconds(plan, ["bare"], 1, lambda _: None)["bare"]
    trial = next(trial for trial in plan.trials if trial.arm == "bare")
    truth = run_trial(trial.experiment.with_({"score.extractor": "none"})).seconds
    assert truth / 5 < guess < truth * 5, "within what a busy machine may do to either"


def test_data_that_are_not_here_make_no_estimate(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(), data__name="mnist")
    assert measure.seconds(plan, ["bare"], 1, lambda _: None) == {}
