"""Plans: order, ids, what is written, and what may change between two launches."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.files import read_json
from dcgan.study import stored_plans
from tests.study.recorded import begin, plan_of


def test_all_arms_of_a_seed_before_the_next_and_not_always_in_the_same_order(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(factors=["batch_norm", "he_init", "leaky_relu"], seeds=[4, 2, 9]))
    blocks = [plan.trials[start : start + 4] for start in range(0, 12, 4)]
    assert [{trial.seed for trial in block} for block in blocks] == [{4}, {2}, {9}]
    orders = [tuple(trial.arm for trial in block) for block in blocks]
    assert all(sorted(order) == ["bare", "batch_norm", "he_init", "leaky_relu"] for order in orders)
    assert len(set(orders)) > 1
    random.seed(1)
    assert plan_of(write_sweep(factors=["batch_norm", "he_init", "leaky_relu"], seeds=[4, 2, 9])) == plan


def test_more_seeds_keep_the_order_of_the_first(write_sweep: Any) -> None:
    path = write_sweep()
    assert plan_of(path, seeds=5).trials[:6] == plan_of(path, seeds=2).trials


def test_arms_of_a_seed_differ_only_in_their_factor(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    for trial in plan.trials:
        assert trial.experiment.seed == trial.seed
        assert trial.run == trial.experiment.id
    assert len({trial.run for trial in plan.trials}) == len(plan.trials)


def test_a_sweep_without_scores_is_refused(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match=r"metric=fid needs scores.*score.extractor=none"):
        plan_of(write_sweep(set={"score.extractor": "none"}))
    assert not paths.studies().exists()


def test_a_design_is_kept_with_its_settings_and_with_what_it_cannot_tell_apart(write_sweep: Any) -> None:
    factors = ["he_init", "batch_norm", "leaky_relu"]
    path = write_sweep(design={"fractional": {"resolution": 3}}, factors=factors)
    plan = plan_of(path)
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
    begin(plan)
    with pytest.raises(Misuse, match=r"\(design: fractional \(resolution 3\) -> plackett-burman\).*study=small-2"):
        stored_plans.check(plan_of(path, design="plackett-burman"))


def test_designs_share_the_arms_that_they_have_in_common(write_sweep: Any) -> None:
    factors = ["he_init", "batch_norm", "leaky_relu"]
    runs = {
        design: {trial.run for trial in plan_of(write_sweep(design=design, factors=factors)).trials}
        for design in ("one-at-a-time", "both", "factorial", "plackett-burman")
    }
    assert all(runs.values())
    assert all(of_design <= runs["factorial"] for of_design in runs.values())
    assert runs["one-at-a-time"] < runs["both"]


def test_no_more_trials_than_a_plan_is_read_with(write_sweep: Any) -> None:
    with pytest.raises(
        Misuse, match=r"would be of [\d,]+ trials \(\d arms on 100,000 seeds\), and 100,000 are the most"
    ):
        plan_of(write_sweep(seeds=100_000))
