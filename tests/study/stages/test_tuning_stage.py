"""Budget-matched tuning: the same candidates for all arms, seeds that nobody reports, the choice, and what may not
change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.overrides import flatten
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.stages import planned, stages, tuning_stage
from dcgan.sweeps import sweep
from dcgan.sweeps.tuning import FIRST_SEED
from tests.study.tunings import TUNE, D, G, end, end_all, settings_by_arm, tuning


def test_the_tuning_is_judged_by_the_train_split_on_seeds_of_its_own(write_sweep: Any) -> None:
    stop = {"when": "decided", "at_most": 30}
    path = write_sweep(seeds=[5, 999_900], stop=stop, tune={**TUNE, "seeds": 2})
    before, last = planned(sweep.load(path))
    assert (before.study, last.study) == ("small-tuning", "small")
    assert before.seeds == (FIRST_SEED, FIRST_SEED + 1)
    assert not set(before.seeds) & set(last.seeds)
    assert {trial.experiment.score.split for trial in before.trials} == {"train"}
    assert {trial.experiment.score.split for trial in last.trials} == {"test"}
    with pytest.raises(Misuse, match="seeds: 1000000: with tune, seeds from 1000000 on are those of the tuning"):
        sweep.load(path, {"seeds": [FIRST_SEED], "stop": None})


def test_the_best_mean_is_chosen_and_what_was_lost_is_worst(write_sweep: Any) -> None:
    plan = tuning(write_sweep(tune={**TUNE, "seeds": 2}))
    end_all(plan, {"bare@2": 60.0, "bare@3": None, "batch_norm@3": 10.0, "batch_norm@4": 20.0, "he_init@1": 99.0})
    lost = next(trial for trial in plan.trials if trial.arm == "batch_norm@3")
    end(lost, None)
    tuned = tuning_stage.choose(plan)
    chosen = {arm: choice.candidate for arm, choice in tuned.arms.items()}
    assert chosen == {"bare": 2, "batch_norm": 4, "he_init": 1}
    bare = tuned.arms["bare"]
    assert (bare.score, bare.own_score, bare.lost, bare.tried) == (60.0, 100.0, 2, 4)
    assert bare.values == {path: settings_by_arm(plan, path)["bare"][1] for path in (G, D)}
    assert tuned.arms["he_init"].values == tuned.arms["he_init"].own
    assert "2 of its runs ended without a score" in bare.remarks()


def test_a_metric_to_be_maximised_is(write_sweep: Any) -> None:
    plan = tuning(write_sweep(factors=["batch_norm"], tune=TUNE, metric="recall"))
    end_all(plan, {"bare@3": 200.0, "batch_norm@1": 50.0}, "recall")
    assert {arm: choice.candidate for arm, choice in tuning_stage.choose(plan).arms.items()} == {
        "bare": 3,
        "batch_norm": 2,
    }


def test_where_all_is_lost_the_arm_stays_as_it_is(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    plan = tuning(path)
    end_all(plan, {f"bare@{number}": None for number in range(1, 5)})
    bare = tuning_stage.choose(plan).arms["bare"]
    assert (bare.candidate, bare.values, bare.score) == (1, bare.own, None)
    assert bare.remarks() == ["no run of 4 candidates ended with a score: the arm as it is"]
    plain = planning.make(sweep.load(path, {"tune": None, "study": "plain"}))
    tuned = list(stages(sweep.load(path)))[-1]
    runs = [{trial.run for trial in each.trials if trial.arm == "bare"} for each in (plain, tuned)]
    assert runs[0] == runs[1], "the runs of an arm that stays as it is are those of any other study"


def test_the_end_of_what_was_tried_is_told(write_sweep: Any) -> None:
    plan = tuning(write_sweep(factors=["batch_norm"], tune={"paths": [G], "trials": 4}))
    values = settings_by_arm(plan, G)["bare"]
    number = values.index(max(values)) + 1
    end_all(plan, {f"bare@{number}": 1.0, "batch_norm@1": 1.0})
    tuned = tuning_stage.choose(plan)
    assert tuned.arms["bare"].remarks() == [f"the largest {G} tried: a wider range might do better"]
    assert tuned.arms["batch_norm"].remarks() == []


def test_an_arm_skips_what_nothing_reads_in_it(write_sweep: Any) -> None:
    tune = {"paths": ["objective.penalty.weight"], "trials": 3}
    plan = tuning(write_sweep(factors=["gradient_penalty"], tune=tune))
    assert [arm.name for arm in plan.arms] == ["bare@1", *(f"gradient_penalty@{number}" for number in (1, 2, 3))]
    assert tuning_stage.unused_paths(plan) == [
        "objective.penalty.weight is not tuned in arm 'bare': nothing reads it there (objective.penalty.kind=none)"
    ]
    bare = tuning_stage.choose(plan).arms["bare"]
    assert (bare.values, bare.unused) == ({}, ("objective.penalty.weight",))


def _run_to_the_end(path: str, **changes: Any) -> Plan:
    """As `dcgan sweep` does, with runs that take no time."""
    for plan in stages(sweep.load(path, changes)):
        stored_plans.write(plan)
        end_all(plan, {"bare@2": 5.0})
    return plan


def test_the_choice_stands_once_it_was_written(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    plan = _run_to_the_end(path)
    assert plan.tuned is not None
    chosen = settings_by_arm(tuning(path), G)["bare"][1]
    assert {flatten(trial.experiment.model_dump())[G] for trial in plan.trials if trial.arm == "bare"} == {chosen}
    written = json.loads((plan.directory / "plan.json").read_text())
    assert written["tuned"]["study"] == "small-tuning"
    assert written["tuned"]["arms"]["bare"]["values"][G] == chosen
    for trial in tuning(path).trials:
        end(trial, None)
    assert stored_plans.load("small") == plan
    assert planned(sweep.load(path)) == [plan], "and no tuning is done again"
    more = planned(sweep.load(path, {"seeds": 4}))
    assert [len(each.trials) for each in more] == [8]
    assert more[0].tuned == plan.tuned


def test_before_the_study_began_the_choice_is_made_from_the_runs(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    first = next(iter(stages(sweep.load(path))))
    stored_plans.write(first)
    end_all(first, {"bare@3": 5.0})
    assert [plan.study for plan in stages(sweep.load(path))] == ["small-tuning", "small"]
    last = list(stages(sweep.load(path)))[-1]
    assert last.tuned is not None and last.tuned.arms["bare"].candidate == 3


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"tune": {**TUNE, "trials": 5}}, "tune: 4 candidates of .* -> 5 candidates of .* on 1 seed, factor 4"),
        ({"tune": None}, "tune: "),
        ({"budget.epochs": 3}, "budget.epochs"),
    ],
)
def test_another_tuning_is_another_study(write_sweep: Any, changes: dict[str, Any], difference: str) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    _run_to_the_end(path)
    with pytest.raises(Misuse, match=f"'small' has run trials under another plan .{difference}.*study=small-2"):
        planned(sweep.load(path, changes))
    assert len(planned(sweep.load(path, {**changes, "study": "small-2"}))) == (
        1 if changes.get("tune", 1) is None else 2
    )


def test_a_tuning_that_ran_is_not_changed_either(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    first = next(iter(stages(sweep.load(path))))
    stored_plans.write(first)
    end_all(first, {})
    with pytest.raises(Misuse, match="'small-tuning' has run trials under another plan .tune: .*study=small-2"):
        planned(sweep.load(path, {"tune": {**TUNE, "trials": 5}}))


def test_a_damaged_record_is_told(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    file: Path = _run_to_the_end(path).directory / "plan.json"
    content = json.loads(file.read_text())
    content["tuned"]["arms"]["bare"].pop("lowest")
    file.write_text(json.dumps(content))
    with pytest.raises(DcganError, match=r"plan.json is damaged: tuned is not as it was written \(.*lowest"):
        stored_plans.load("small")
