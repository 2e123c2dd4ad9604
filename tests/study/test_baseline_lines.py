"""What is said of the baseline before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from dcgan.experiment import load
from dcgan.study.baseline_lines import baseline_lines, changes
from tests.study.recorded import plan_of


def test_the_experiment_as_it_is(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(start="experiment", factors=["ema", "he_init"]))
    assert changes(plan) == {}
    assert baseline_lines(plan) == ["start=experiment: the baseline is experiment 'tiny' as it is"]


def test_what_the_start_makes_of_the_experiment(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(factors=["ema"]))
    (line,) = baseline_lines(plan)
    assert line.startswith("start=bare: the baseline is experiment 'tiny' but for generator.normalisation=none, ")
    assert "update.batch=100" in line
    listed = plan_of(write_sweep(start="experiment", factors=["ema"], design="leave-one-out"))
    assert changes(listed) == {"average.half_life": 50}


def test_values_are_spelt_as_they_are_typed(write_sweep: Any) -> None:
    typed = {"augment.color": True, "optimizer.generator.lr": 1e-4, "compute.threads": None}
    plan = plan_of(write_sweep(start="experiment", factors=["ema"], set=typed))
    said = "; set for every arm: augment.color=true, compute.threads=null, optimizer.generator.lr=0.0001"
    assert baseline_lines(plan)[0].endswith(said)
    listed = plan_of(write_sweep(start="experiment", factors=["diffaugment"], design="leave-one-out"))
    assert "augment.color=true" in baseline_lines(listed)[0]


def test_what_leaving_out_adds_is_said(write_sweep: Any) -> None:
    penalty = {"tip": "gradient_penalty", "levels": ["off", "r1"]}
    losses = {"path": "objective.loss", "levels": ["non_saturating", "hinge", "wasserstein"]}
    listed = ["ema", penalty, losses]
    said = [
        "gradient_penalty is off in the baseline, its first level: this arm adds r1",
        "objective.loss is non_saturating in the baseline, its first level: these arms add hinge, wasserstein",
    ]
    for start in ("experiment", "all"):
        plan = plan_of(write_sweep(start=start, factors=listed, design="leave-one-out"))
        assert [line for line in baseline_lines(plan) if "its first level" in line] == said
    turned = [{**each, "levels": each["levels"][::-1]} for each in (penalty, losses)]
    plan = plan_of(write_sweep(start="experiment", factors=["ema", *turned], design="leave-one-out"))
    assert not [line for line in baseline_lines(plan) if "its first level" in line]
    alone = plan_of(write_sweep(start="experiment", factors=listed))
    assert len(baseline_lines(alone)) == 1


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "batch_norm is on in the experiment: it is compared with off"),
        (
            {"generator.normalisation": "none", "discriminator.normalisation": "group"},
            "batch_norm is at none of its levels (generator.normalisation=none where on has batch, "
            "discriminator.normalisation=group where on has batch) in the experiment: it is compared with off",
        ),
        (
            {"discriminator.normalisation": "none"},
            "batch_norm is at generator_only in the experiment: it is compared with on; with another by "
            "{tip: batch_norm, levels: [generator_only, LEVEL]}",
        ),
    ],
)
def test_a_listed_tip_that_the_experiment_has(write_sweep: Any, tmp_path: Any, settings: Any, line: str) -> None:
    sweep = write_sweep(start="experiment", factors=["batch_norm"])
    own = load(str(tmp_path / "tiny.yaml"), settings)
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(own.given()))
    assert baseline_lines(plan_of(sweep))[1] == line


def test_what_was_typed_holds_and_it_is_said_where_it_does_not(write_sweep: Any) -> None:
    typed = {"update.batch": 20}
    held = plan_of(write_sweep(factors=["ema"], set=typed))
    assert {trial.experiment.update.batch for trial in held.trials} == {20}
    assert baseline_lines(held)[0].endswith("; set for every arm: update.batch=20")
    assert baseline_lines(held)[1:] == ["update.batch=20 is set and holds in every arm, where start=bare has 200"]
    weak = {"objective.penalty.weight": 5}
    on = plan_of(write_sweep(start="experiment", factors=["gradient_penalty"], set=weak))
    assert [trial.experiment.objective.penalty.weight for trial in on.trials] == [5.0] * 4
    said = "objective.penalty.weight=5 is set and holds in every arm, where gradient_penalty has 10.0"
    assert baseline_lines(on)[1:] == [said]
    varied = plan_of(write_sweep(start="experiment", factors=["mini_batch", "ema"], set=typed))
    assert {trial.arm: trial.experiment.update.batch for trial in varied.trials} == {
        "baseline": 20,
        "without-mini_batch": 200,
        "ema": 20,
    }
    said = "update.batch=20 is set for every arm, and a factor varies it: without-mini_batch has 200"
    assert baseline_lines(varied)[-1] == said


def test_many_arms_are_counted(write_sweep: Any) -> None:
    factors = ["mini_batch", "ema", "he_init"]
    plan = plan_of(write_sweep(start="experiment", factors=factors, design="factorial", set={"update.batch": 20}))
    assert baseline_lines(plan)[-1].endswith(" and 1 more")
