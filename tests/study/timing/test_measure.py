"""Time by a few steps: near the truth, once for arms that cost the same, nothing left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from dcgan.common import paths
from dcgan.runs.run import run_trial
from dcgan.study import plan as planning
from dcgan.study.plan import Plan
from dcgan.study.timing import estimate, measure
from dcgan.sweeps import sweep


def _plan(path: str, **changes: Any) -> Plan:
    return planning.make(sweep.load(path, {key.replace("__", "."): value for key, value in changes.items()}))


def test_arms_that_cost_the_same_are_measured_once(write_sweep: Any) -> None:
    told: list[str] = []
    plan = _plan(write_sweep())
    before = torch.get_num_threads()
    made = measure.seconds(plan, ["bare", "he_init", "batch_norm"], 1, told.append)
    assert told == ["measuring 1 of 2: bare", "measuring 2 of 2: batch_norm"]
    assert made["bare"] == made["he_init"] > 0
    assert torch.get_num_threads() == before
    assert not paths.runs().exists()


def test_the_estimate_is_near_the_truth(write_sweep: Any) -> None:
    plan = _plan(write_sweep(factors=["batch_norm"], seeds=1), budget__epochs=60)
    guess = measure.seconds(plan, ["bare"], 1, lambda _: None)["bare"]
    trial = next(trial for trial in plan.trials if trial.arm == "bare")
    truth = run_trial(trial.experiment.with_({"score.extractor": "none"})).seconds
    assert truth / 5 < guess < truth * 5, "within what a busy machine may do to either"


def test_data_that_are_not_here_make_no_estimate(write_sweep: Any) -> None:
    plan = _plan(write_sweep(), data__name="mnist")
    assert measure.seconds(plan, ["bare"], 1, lambda _: None) == {}


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
    found = estimate.measured(_plan(write_sweep()), {})
    assert found == (dict.fromkeys(("bare", "batch_norm", "he_init"), 25.0) if alike else {})
