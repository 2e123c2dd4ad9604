"""Studies that earlier versions planned go on as they were planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dcgan.common import paths
from dcgan.common.files import read_json, write_json
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.sweeps import sweep
from dcgan.sweeps.planned_before import planned_before

# Of the tiny experiment with batch_norm a factor, seed 0, update.batch=10 set and no start, as the version before wrote
# them: the batch is 100 in both.
RUNS = {"bare": "cffd5bd28f72", "batch_norm": "d0ba53e412e8"}


def _as_an_earlier_version(path: str, suffix: str = "") -> Path:
    """Plans a study, and writes it as a version did that had no `overruled` and no start but bare."""
    made = sweep.load(path).model_copy(update={"start": "bare", "overruled": ("update.batch",)})
    made = made.model_copy(update={"study": made.study + suffix})
    plan = planning.make(made)
    stored_plans.write(plan)
    file = plan.directory / "sweep.yaml"
    content = yaml.safe_load(file.read_text())
    del content["overruled"]
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return plan.directory


def _without_start(write_sweep: Any, **keys: Any) -> str:
    path: str = write_sweep(factors=["batch_norm"], seeds=1, set={"update.batch": 10}, **keys)
    content = yaml.safe_load(Path(path).read_text())
    del content["start"]
    Path(path).write_text(yaml.safe_dump(content))
    return path


def test_its_start_and_what_it_made_of_the_settings_are_kept(write_sweep: Any) -> None:
    path = _without_start(write_sweep)
    assert sweep.load(path).start == "experiment"
    folder = _as_an_earlier_version(path)
    written = (folder / "plan.json").read_text()
    again = planning.make(sweep.load(path))
    assert {trial.arm: trial.run for trial in again.trials} == RUNS
    again.trials[0].directory.path.mkdir(parents=True)  # a run of it: another plan is refused from now on
    stored_plans.write(again)
    assert (folder / "plan.json").read_text() == written
    assert {trial.arm: trial.run for trial in stored_plans.load("small").trials} == RUNS


def test_another_name_is_a_new_study(write_sweep: Any) -> None:
    path = _without_start(write_sweep)
    _as_an_earlier_version(path)
    other = planning.make(sweep.load(path, {"study": "other"}))
    assert (other.sweep.start, other.sweep.overruled) == ("experiment", ())
    assert {trial.experiment.update.batch for trial in other.trials} == {10}


def test_a_setting_that_is_typed_anew_holds(write_sweep: Any) -> None:
    path = _without_start(write_sweep)
    _as_an_earlier_version(path)
    assert sweep.load(path, {"update.batch": 20}).overruled == ()


def test_a_search_that_is_not_confirmed_yet_keeps_its_start(write_sweep: Any) -> None:
    path = _without_start(write_sweep)
    _as_an_earlier_version(path, "-search")
    assert planned_before("small", {"update.batch": 10}) == {"start": "bare", "overruled": ("update.batch",)}
    assert sweep.load(path).start == "bare"


def test_a_plan_that_names_no_start_was_made_when_none_was_given(write_sweep: Any) -> None:
    for design, start in (("one-at-a-time", "bare"), ("leave-one-out", "all")):
        path = _without_start(write_sweep, name=design, design=design)
        plan = planning.make(sweep.load(path, {"start": start}))
        stored_plans.write(plan)
        file = plan.directory / "plan.json"
        write_json(file, {key: value for key, value in read_json(file).items() if key != "start"})
        assert sweep.load(path).start == start
        assert stored_plans.load(design).trials == plan.trials


def test_what_is_no_name_is_left_to_the_sweep(tmp_path: Path) -> None:
    assert planned_before("../x", {}) == {}
    assert not paths.studies().exists()
