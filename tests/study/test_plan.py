"""Plans: order, ids, what is written, and what may change between two launches."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import read_json, write_json
from dcgan.runs.directory import RunDirectory
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep


def _plan(path: str, **changes: Any) -> Plan:
    return planning.make(sweep.load(path, {key.replace("__", "."): value for key, value in changes.items()}))


def _begin(plan: Plan) -> None:
    """As if the first trial had been begun."""
    RunDirectory.of(plan.trials[0].experiment).describe(plan.trials[0].experiment)


def test_all_arms_of_a_seed_before_the_next_and_not_always_in_the_same_order(write_sweep: Any) -> None:
    plan = _plan(write_sweep(factors=["batch_norm", "he_init", "leaky_relu"], seeds=[4, 2, 9]))
    blocks = [plan.trials[start : start + 4] for start in range(0, 12, 4)]
    assert [{trial.seed for trial in block} for block in blocks] == [{4}, {2}, {9}]
    orders = [tuple(trial.arm for trial in block) for block in blocks]
    assert all(sorted(order) == ["bare", "batch_norm", "he_init", "leaky_relu"] for order in orders)
    assert len(set(orders)) > 1
    random.seed(1)
    assert _plan(write_sweep(factors=["batch_norm", "he_init", "leaky_relu"], seeds=[4, 2, 9])) == plan


def test_more_seeds_keep_the_order_of_the_first(write_sweep: Any) -> None:
    path = write_sweep()
    assert _plan(path, seeds=5).trials[:6] == _plan(path, seeds=2).trials


def test_arms_of_a_seed_differ_only_in_their_factor(write_sweep: Any) -> None:
    plan = _plan(write_sweep())
    for trial in plan.trials:
        assert trial.experiment.seed == trial.seed
        assert trial.run == trial.experiment.id
    assert len({trial.run for trial in plan.trials}) == len(plan.trials)


def test_written_and_loaded(write_sweep: Any) -> None:
    plan = _plan(write_sweep(set={"latent.dim": 6}))
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


def test_seeds_may_change_and_nothing_else_once_trials_ran(write_sweep: Any) -> None:
    path = write_sweep()
    stored_plans.write(_plan(path))
    stored_plans.write(_plan(path, budget__epochs=4))  # nothing ran: plan anew
    plan = _plan(path, budget__epochs=4)
    _begin(plan)
    stored_plans.write(_plan(path, budget__epochs=4, seeds=5))
    stored_plans.write(_plan(path, budget__epochs=4, seeds=1))
    with pytest.raises(Misuse, match=r"\(budget.epochs: 4 -> 2\).*study=small-2"):
        stored_plans.write(_plan(path))
    with pytest.raises(Misuse, match=r"\(metric: fid -> kid\)"):
        stored_plans.write(_plan(path, budget__epochs=4, metric="kid"))
    with pytest.raises(Misuse, match=r"\(factors: batch_norm, he_init -> batch_norm\)"):
        stored_plans.write(_plan(path, budget__epochs=4, factors=["batch_norm"]))
    stored_plans.write(_plan(path, study="small-2"))
    assert stored_plans.load("small").base.budget.epochs == 4
    assert stored_plans.load("small-2").base.budget.epochs == 2


def test_a_choice_against_the_start_is_another_plan(write_sweep: Any) -> None:
    path = write_sweep()
    plan = _plan(path)
    stored_plans.write(plan)
    _begin(plan)
    with pytest.raises(Misuse, match=r"\(discriminator.slope: 0.0 -> 0.2\)"):
        stored_plans.check(_plan(path, discriminator__slope=0.2))


def test_what_cannot_change_a_result_may_change(write_sweep: Any) -> None:
    path = write_sweep()
    plan = _plan(path)
    stored_plans.write(plan)
    _begin(plan)
    stored_plans.write(_plan(path, tracking__tick_images=7, compute__threads=2))
    assert stored_plans.load("small").base.tracking.tick_images == 7


def test_a_study_that_is_not_there(write_sweep: Any) -> None:
    stored_plans.write(_plan(write_sweep()))
    with pytest.raises(Misuse, match="no study named 'smal'.*did you mean 'small'"):
        stored_plans.load("smal")


def test_a_damaged_plan_is_named(write_sweep: Any) -> None:
    plan = _plan(write_sweep())
    stored_plans.write(plan)
    path = plan.directory / "plan.json"
    write_json(path, {key: value for key, value in read_json(path).items() if key != "content"})
    with pytest.raises(DcganError, match=r"plan.json is damaged \(no 'content'\)"):
        stored_plans.load("small")
    path.write_text("{")
    with pytest.raises(DcganError, match="plan.json is damaged"):
        stored_plans.load("small")


def test_a_plan_that_this_version_would_run_otherwise_is_refused(write_sweep: Any) -> None:
    plan = _plan(write_sweep())
    stored_plans.write(plan)
    path = plan.directory / "plan.json"
    content = read_json(path)
    content["trials"][0]["run"] = "0123456789ab"
    write_json(path, content)
    with pytest.raises(Misuse, match="planned by another version"):
        stored_plans.load("small")


def test_a_sweep_without_scores_is_refused(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match=r"metric=fid needs scores.*score.extractor=none"):
        _plan(write_sweep(set={"score.extractor": "none"}))
    assert not paths.studies().exists()


def test_a_design_is_kept_with_its_settings_and_with_what_it_cannot_tell_apart(write_sweep: Any) -> None:
    factors = ["he_init", "batch_norm", "leaky_relu"]
    path = write_sweep(design={"fractional": {"resolution": 3}}, factors=factors)
    plan = _plan(path)
    stored_plans.write(plan)
    content = read_json(plan.directory / "plan.json")
    assert (content["design"], content["baseline"], len(content["arms"])) == ("fractional (resolution 3)", "bare", 4)
    assert [effect["of"] for effect in content["effects"]] == [[[name, "off", "on"]] for name in factors]
    assert content["aliases"]["table"][0] == {
        "effect": ["he_init"],
        "with": [{"effect": ["batch_norm", "leaky_relu"], "weight": -1.0}],
    }
    assert content["aliases"]["generators"] == [{"factors": factors, "sign": -1}]
    assert stored_plans.load("small") == plan
    _begin(plan)
    with pytest.raises(Misuse, match=r"\(design: fractional \(resolution 3\) -> plackett-burman\).*study=small-2"):
        stored_plans.check(_plan(path, design="plackett-burman"))


def test_designs_share_the_arms_that_they_have_in_common(write_sweep: Any) -> None:
    factors = ["he_init", "batch_norm", "leaky_relu"]
    runs = {
        design: {trial.run for trial in _plan(write_sweep(design=design, factors=factors)).trials}
        for design in ("one-at-a-time", "both", "factorial", "plackett-burman")
    }
    assert all(of_design <= runs["factorial"] for of_design in runs.values())
    assert runs["one-at-a-time"] < runs["both"]
