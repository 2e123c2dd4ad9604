"""What was worked out for a study stays so once a run of it has begun, whatever is on the machine by then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.scoring.pretrained import weights_file
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.settled_before import settled_before
from dcgan.sweeps import sweep
from tests.study.recorded import begin, plan_of
from tests.tiny import CURVED


@pytest.fixture
def of_two_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_sweep: Any) -> str:
    """A sweep over a folder whose classes cannot be told from its images, without Inception."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    draws = np.random.default_rng(0)
    for number in range(100):
        folder = tmp_path / "images" / ("a" if number % 2 else "b")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draws.integers(0, 256, (16, 16), dtype=np.uint8)).save(folder / f"{number}.png")
    images = {"name": "folder", "folder": str(tmp_path / "images"), "size": 16, "channels": 1}
    experiment = tmp_path / "auto.yaml"
    experiment.write_text(yaml.safe_dump({**CURVED, "data": images, "score": {"extractor": "auto"}}))
    return write_sweep(experiment=str(experiment), factors=["he_init"], start="all", set={"update.batch": 10})


@pytest.mark.slow
def test_the_extractor_stays_once_a_run_has_begun(of_two_colours: str) -> None:
    plan = plan_of(of_two_colours)
    assert plan.base.score.extractor == "classifier"
    stored_plans.write(plan)
    assert stored_plans.load(plan.study).base == plan.base, "a worker takes what the plan says"
    weights_file("inception").parent.mkdir(parents=True)
    weights_file("inception").touch()
    assert settled_before(plan.sweep) == {}
    other = plan_of(of_two_colours)
    assert other.base.score.extractor == "inception", "nothing was begun"
    assert not {trial.run for trial in other.trials} & {trial.run for trial in plan.trials}
    begin(plan)
    again = plan_of(of_two_colours)
    assert [trial.run for trial in again.trials] == [trial.run for trial in plan.trials]
    assert plan_of(of_two_colours, study="another").base.score.extractor == "inception"


def test_a_study_of_an_earlier_version_gets_no_more_scores(write_sweep: Any) -> None:
    """Its plan says nothing of points of the curve, and its runs have as few as they had."""
    path = write_sweep(factors=["batch_norm"], set={"budget.epochs": 3})
    plan = plan_of(path)
    assert plan.base.tracking.curve_points == 5
    old = planning.work_out(plan.sweep, plan.base.with_({"tracking.curve_points": 0}))
    assert [trial.run for trial in old.trials] == [trial.run for trial in plan.trials], "no part of an id"
    stored_plans.write(old)
    assert plan_of(path).base.tracking.curve_points == 5
    begin(old)
    assert plan_of(path).base.tracking.curve_points == 0
    assert plan_of(path, tracking__curve_points=7).base.tracking.curve_points == 7
    tuned = sweep.load(path, {"tune": {"paths": ["optimizer.generator.lr"], "trials": 2}, "study": "small"})
    assert settled_before(tuned.model_copy(update={"study": "small-tuning", "tuning_of": "small"}))


def test_every_arm_of_a_varied_budget_has_a_curve(write_sweep: Any) -> None:
    """The experiment's file scores after so many epochs of its own budget, of which an arm may have fewer."""
    factors = [{"path": "budget.epochs", "levels": [10, 2]}]
    path = write_sweep(experiment="digits", start="experiment", factors=factors)
    plan = plan_of(path)
    for trial in plan.trials:
        assert trial.experiment.budget.images // trial.experiment.score_period >= 5
    told = plan_of(path, score__every_epochs=2)
    assert told.base.tracking.curve_points == 0
    begun = planning.work_out(plan.sweep, plan.base.with_({"tracking.curve_points": 0}))
    assert [trial.run for trial in begun.trials] == [trial.run for trial in plan.trials], "no part of an id"
    stored_plans.write(begun)
    begin(begun)
    assert plan_of(path).base.tracking.curve_points == 0


def test_no_factor_is_auto(write_sweep: Any) -> None:
    path = write_sweep(factors=[{"path": "score.extractor", "levels": ["classifier", "auto"]}])
    with pytest.raises(Misuse, match="score.extractor=auto is worked out for all arms together"):
        plan_of(path)
