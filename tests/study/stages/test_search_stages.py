"""Which combinations of a search are confirmed, and which searches are refused."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.experiment import load as load_experiment
from dcgan.records import search_file
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
    labels = {best.arm: plan.now().label(best.arm) for best in chosen}
    assert [arm.name for arm in last.arms] == ["bare", *labels.values()], "called by their settings"
    assert all("width 1" in label for label in labels.values())
    record = search_file.read(last.directory)
    assert record is not None and record.found_as == {label: arm for arm, label in labels.items()}
    assert {trial.seed for trial in last.trials} == {0, 1}
    assert {trial.experiment.score.split for trial in last.trials} == {"test"}
    for best in chosen:
        one = next(trial.experiment for trial in last.trials if trial.arm == labels[best.arm])
        assert one.generator.width == int(best.levels["generator.width"])
        recipe = load_experiment(str(last.directory / record.recipe(labels[best.arm])))
        planned = {trial.seed: trial.run for trial in last.trials if trial.arm == labels[best.arm]}
        assert recipe.ids(planned) == list(planned.values()), "a run of the recipe is the study's own"
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


def test_where_nothing_beat_the_baseline_the_study_ends_with_that(write_sweep: Any) -> None:
    def best_at_the_baseline(levels: Any) -> float:
        return 100 + (float(levels["generator.width"]) - 8) ** 2 + (levels["he_init"] == "on")

    sweep = sweep_of(write_sweep, ["he_init", WIDTH], trials=6)
    _, queue = begin(sweep)
    drain(queue, best_at_the_baseline)
    assert [each.study for each in search_stages.stages(sweep)] == ["found-search"], "no loser is confirmed"
    record = search_file.read(paths.studies() / "found")
    assert record is not None and not record.chosen
    assert record.answer().startswith("Nothing beat the baseline in the search, which had FID 100: ")
    assert not (paths.studies() / "found" / "plan.json").exists()
    assert [each.study for each in search_stages.stages(sweep)] == ["found-search"], "typed again, too"
    longer = sweep_of(write_sweep, ["he_init", WIDTH], trials=30)
    _, queue = begin(longer)
    drain(queue, lambda levels: best_at_the_baseline(levels) - 50 * (int(levels["generator.width"]) > 8))
    last = list(search_stages.stages(longer))[-1]
    assert last.study == "found" and len(last.arms) > 1, "a longer search may find one"


def test_without_any_other_combination_nothing_is_known(write_sweep: Any) -> None:
    plan, queue = begin(sweep_of(write_sweep, ["he_init"], trials=2, confirm=1))
    with pytest.raises(DcganError, match="no combination beside the baseline finished"):
        search_stages.best(plan.now(), outcomes(plan.now()))
    queue.close()


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
