"""What may change between two launches of a study, and what may not once trials ran."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.study import stored_plans
from tests.study.recorded import STOP, begin, end, plan_of


def test_seeds_may_change_and_nothing_else_once_trials_ran(write_sweep: Any) -> None:
    path = write_sweep()
    stored_plans.write(plan_of(path))
    stored_plans.write(plan_of(path, budget__epochs=4))  # nothing ran: plan anew
    plan = plan_of(path, budget__epochs=4)
    begin(plan)
    stored_plans.write(plan_of(path, budget__epochs=4, seeds=5))
    stored_plans.write(plan_of(path, budget__epochs=4, seeds=1))
    with pytest.raises(Misuse, match=r"\(budget.epochs: 4 -> 2\).*study=small-2"):
        stored_plans.write(plan_of(path))
    with pytest.raises(Misuse, match=r"\(metric: fid -> kid\)"):
        stored_plans.write(plan_of(path, budget__epochs=4, metric="kid"))
    with pytest.raises(Misuse, match=r"\(factors: batch_norm, he_init -> batch_norm\)"):
        stored_plans.write(plan_of(path, budget__epochs=4, factors=["batch_norm"]))
    stored_plans.write(plan_of(path, study="small-2"))
    assert stored_plans.load("small").base.budget.epochs == 4
    assert stored_plans.load("small-2").base.budget.epochs == 2


def test_a_choice_against_the_start_is_another_plan(write_sweep: Any) -> None:
    path = write_sweep()
    plan = plan_of(path)
    stored_plans.write(plan)
    begin(plan)
    with pytest.raises(Misuse, match=r"\(discriminator.slope: 0.0 -> 0.2\)"):
        stored_plans.check(plan_of(path, discriminator__slope=0.2))


def test_what_cannot_change_a_result_may_change(write_sweep: Any) -> None:
    path = write_sweep()
    plan = plan_of(path)
    stored_plans.write(plan)
    begin(plan)
    stored_plans.write(plan_of(path, tracking__tick_images=7, compute__threads=2))
    assert stored_plans.load("small").base.tracking.tick_images == 7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 5}, "stop: first 4, every 2, at_most 8 -> first 5, every 2, at_most 8"),
        ({"stop": None}, "stop: first 4, every 2, at_most 8 -> None"),
        ({"stop": {**STOP, "at_most": 20}}, "stop: first 4, every 2, at_most 8 -> first 4, every 2, at_most 20"),
        ({"stop": None, "seeds": 8}, "stop"),
    ],
)
def test_the_rule_cannot_be_changed_once_trials_ran(write_sweep: Any, changes: dict[str, Any], message: str) -> None:
    path = write_sweep(seeds=4, stop=STOP)
    plan = plan_of(path)
    stored_plans.write(plan)
    stored_plans.check(plan_of(path, **changes))  # nothing ran yet
    end(plan.trials[0])
    stored_plans.check(plan)
    with pytest.raises(Misuse) as refusal:
        stored_plans.check(plan_of(path, **changes))
    assert message in str(refusal.value)
    assert "study=small-2" in str(refusal.value)


def test_the_rule_cannot_be_added_to_seeds_that_were_seen(write_sweep: Any) -> None:
    path = write_sweep(seeds=4)
    plan = plan_of(path)
    stored_plans.write(plan)
    end(plan.trials[0])
    with pytest.raises(Misuse, match="stop: None -> first 4"):
        stored_plans.check(plan_of(path, stop=STOP))
