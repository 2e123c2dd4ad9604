"""Which combinations of a search are confirmed, and which searches are refused."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcomes
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep as sweeps
from tests.queue.searches import WIDTH, begin, bowl, drain, sweep_of


def test_confirms_the_best_and_each_experiment_once(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, ["he_init", WIDTH], trials=12, confirm=2)
    plan, queue = begin(sweep)
    drain(queue, bowl)
    chosen = search_stages.best(plan.now(), outcomes(plan.now()))
    everything = sorted({bowl(levels) for levels in (plan.now().levels(arm.name) for arm in plan.now().arms[1:])})
    assert chosen[0].value == everything[0]
    last = list(search_stages.stages(sweep))[-1]
    assert [arm.name for arm in last.arms] == ["bare", *(best.arm for best in chosen)]
    assert {trial.seed for trial in last.trials} == {0, 1}
    assert {trial.experiment.score.split for trial in last.trials} == {"test"}
    for best in chosen:
        one = next(trial.experiment for trial in last.trials if trial.arm == best.arm)
        assert one.generator.width == int(best.levels["generator.width"])
    stored_plans.write(last)
    assert stored_plans.load("found").record() == last.record()
    with pytest.raises(Misuse, match=r"confirms another search \(trials: 12 -> 13\): change it back"):
        list(search_stages.stages(sweep_of(write_sweep, ["he_init", WIDTH], trials=13, confirm=2)))


def test_two_objectives_confirm_the_front(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, [WIDTH], sampler="nsga2", trials=30, confirm=20)
    plan, queue = begin(sweep)
    drain(queue, bowl, seconds=lambda levels: float(levels["generator.width"]))
    widths = {int(best.levels["generator.width"]) for best in search_stages.best(plan.now(), outcomes(plan.now()))}
    tried = {int(plan.now().levels(arm.name)["generator.width"]) for arm in plan.now().arms}
    assert widths == {width for width in tried if width <= 12} - {8}  # beyond 12 both get worse; 8 is the baseline
    assert len(widths) > 3


def test_another_space_is_another_search(write_sweep: Any) -> None:
    _, queue = begin(sweep_of(write_sweep, ["he_init", WIDTH]))
    drain(queue, bowl)
    other = sweep_of(write_sweep, ["he_init", {**WIDTH, "range": [4, 20]}])
    with pytest.raises(Misuse, match=r"has run trials under another plan \(ranges"):
        list(search_stages.stages(other))


@pytest.mark.parametrize(
    ("factors", "search", "said"),
    [
        (
            ["he_init"],
            {"sampler": "cmaes"},
            "cmaes needs two factors or more with ranges of numbers, and this sweep has 0",
        ),
        ([WIDTH], {"pruner": "median", "confirm": 1}, "there are none: set score.every_epochs=1"),
        ([{**WIDTH, "range": [9, 16]}], {}, "leaves out the baseline's 8: widen it"),
        ([{**WIDTH, "range": [4.5, 16]}], {}, "takes whole numbers"),
        ([{"path": "optimizer.generator.kind", "range": [1, 2]}], {}, "its value is adam, and a range is of numbers"),
    ],
)
def test_refuses_in_one_line_what_cannot_be_searched(
    write_sweep: Any, factors: list[Any], search: dict[str, Any], said: str
) -> None:
    path = write_sweep(design={"search": {"trials": 8, **search}}, factors=factors, set={"score.every_epochs": 0})
    with pytest.raises(Misuse, match=said) as refusal:
        search_stages.search_of(sweeps.load(path))
    assert "\n" not in str(refusal.value)


def test_the_seeds_of_the_search_are_not_reported(write_sweep: Any) -> None:
    path = write_sweep(design={"search": {"trials": 8, "seeds": 3}}, seeds=[0, 2_000_002])
    with pytest.raises(Misuse, match="2000002 is a seed of the search"):
        search_stages.search_of(sweeps.load(path))
