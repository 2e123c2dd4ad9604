"""In which settings arms differ, what holds in every arm, and notes with the arms that they are true of."""

from __future__ import annotations

from typing import Any

from dcgan.study.arm_differences import differences, remarks, set_in_every_arm
from tests.study.recorded import plan_of


def test_an_arm_differs_from_the_baseline_in_its_factor_alone(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    assert differences(plan, plan.baseline) == []
    assert differences(plan, "he_init") == ["generator.init=he", "discriminator.init=he"]
    assert differences(plan, "batch_norm") == ["generator.normalisation=batch", "discriminator.normalisation=batch"]


def test_what_holds_in_every_arm_is_what_the_start_changed_and_no_factor_varies(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    held = set_in_every_arm(plan)
    assert "update.batch=100" in held, "bare multiplies it by ten"
    assert not [change for change in held if change.startswith(("generator.init", "generator.normalisation"))]


def test_a_note_is_told_once_with_the_arms_that_it_is_true_of(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(set={"objective.loss": "wasserstein", "objective.clip": 0.01}))
    told = remarks(plan)
    assert told
    assert len(told) == len(set(told))
    for line in told:
        where, _, remark = line.removeprefix("note (").partition("): ")
        arms = [trial.arm for trial in plan.trials[: len(plan.arms)] if remark in trial.experiment.notes()]
        assert where == ("every arm" if len(arms) == len(plan.arms) else ", ".join(arms))
