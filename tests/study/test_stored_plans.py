"""Plans in their folder: written, read again, and damage or another version named."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import read_json, write_json
from dcgan.study import stored_plans
from tests.study.recorded import plan_of


def test_written_and_loaded(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(set={"latent.dim": 6}))
    stored_plans.write(plan)
    assert stored_plans.load("small").trials == plan.trials
    content = read_json(plan.directory / "plan.json")
    assert content["arms"]["he_init"] == {"batch_norm": "off", "he_init": "on"}
    assert content["baseline"] == "bare"
    assert content["held"]["update.batch"] == 100
    assert {trial.experiment.update.batch for trial in plan.trials} == {100}
    assert content["trials"][0] == {
        "arm": plan.trials[0].arm,
        "seed": plan.trials[0].seed,
        "run": plan.trials[0].run,
    }


def test_a_study_that_is_not_there(write_sweep: Any) -> None:
    stored_plans.write(plan_of(write_sweep()))
    with pytest.raises(Misuse, match="no study named 'smal'.*did you mean 'small'"):
        stored_plans.load("smal")


def test_a_damaged_plan_is_named(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    stored_plans.write(plan)
    path = plan.directory / "plan.json"
    write_json(path, {key: value for key, value in read_json(path).items() if key != "content"})
    with pytest.raises(DcganError, match=r"plan.json is damaged \(no 'content'\)"):
        stored_plans.load("small")
    path.write_text("{")
    with pytest.raises(DcganError, match="plan.json is damaged"):
        stored_plans.load("small")


def test_a_damaged_plan_in_a_storage_is_named_with_what_to_do(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    content = {"sweep": plan.sweep.to_yaml(), "plan": {**plan.record().to_json(), "seeds": "many"}}
    with pytest.raises(DcganError) as caught:
        stored_plans.adopt("small", content, "--storage grpc://host:1")
    said = "--storage grpc://host:1 is damaged: seeds is 'many': type the `dcgan sweep` command again"
    assert str(caught.value) == said


def test_a_plan_that_this_version_would_run_otherwise_is_refused(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    stored_plans.write(plan)
    path = plan.directory / "plan.json"
    content = read_json(path)
    content["trials"][0]["run"] = "0123456789ab"
    write_json(path, content)
    with pytest.raises(Misuse, match="planned by another version"):
        stored_plans.load("small")


def test_seeds_are_added_after_the_largest_one(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(seeds=[3, 9], stop={"when": "decided", "at_most": 4}))
    assert plan.seeds == (3, 9, 10, 11)
    stored_plans.write(plan)
    assert stored_plans.load("small").trials == plan.trials


def test_a_plan_under_another_studys_name_is_refused_and_writes_nothing(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    stored_plans.write(plan)
    moved = plan.directory.with_name("moved")
    shutil.copytree(plan.directory, moved)
    before = (plan.directory / "plan.json").read_bytes()
    with pytest.raises(Misuse, match="moved/plan.json is the plan of study 'small', not of 'moved'"):
        stored_plans.load("moved")
    content = {"sweep": plan.sweep.to_yaml(), "plan": plan.record().to_json()}
    with pytest.raises(Misuse, match="--storage grpc://host:1 is the plan of study 'small', not of 'mine'"):
        stored_plans.adopt("mine", content, "--storage grpc://host:1")
    with pytest.raises(Misuse, match="is the plan of study 'small', not of 'moved'"):
        stored_plans.write(plan_of(write_sweep(study="moved")))
    assert (plan.directory / "plan.json").read_bytes() == before
