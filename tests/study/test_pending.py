"""Studies that stop when decided: the rule's words, what is pending at each look, what is skipped, what may not change."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.study import plan as planning
from dcgan.study import stored_plans, trials_table
from dcgan.study.outcomes import outcomes
from dcgan.study.pending import pending_trials
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview
from dcgan.sweeps import sweep

STOP = {"when": "decided", "at_most": 8, "every": 2}
LEVELS = {"bare": 100.0, "batch_norm": 40.0, "he_init": 100.0}


def _plan(path: str, **changes: Any) -> Plan:
    return planning.make(sweep.load(path, changes))


def _end(trial: Trial, status: str = "finished", spread: float = 1.0) -> None:
    """As if the trial had been run; he_init differs from bare by chance alone."""
    chance = random.Random(f"{trial.arm} {trial.seed}").random() - 0.5
    fid = LEVELS[trial.arm] + 3 * trial.seed + spread * chance * (40 if trial.arm == "he_init" else 1)
    folder = paths.runs() / trial.run
    folder.mkdir(parents=True, exist_ok=True)
    record = {"id": trial.run, "status": status, "seed": trial.seed, "attempts": 1, "seconds": 2.0, "images": 200}
    scores = {"fid": fid} if status == "finished" else {}
    (folder / "run.json").write_text(json.dumps({**record, "scores": scores, "failure": None}))


def _left(plan: Plan) -> list[Trial]:
    known = outcomes(plan)
    return [trial for trial in pending_trials(plan) if trial.run not in known]


def test_open_comparisons_get_the_next_block_and_decided_ones_get_none(write_sweep: Any) -> None:
    plan = _plan(write_sweep(seeds=4, stop=STOP))
    assert len(plan.trials) == 3 * 8
    assert [(trial.arm, trial.seed) for trial in pending_trials(plan)] == [
        (each.arm, each.seed) for each in plan.trials[:12]
    ]
    for trial in pending_trials(plan)[:11]:
        _end(trial)
    assert len(pending_trials(plan)) == 12, "a look waits for its whole block"
    _end(pending_trials(plan)[11])
    blocks = []
    while left := _left(plan):
        blocks.append({(trial.arm, trial.seed) for trial in left})
        for trial in left:
            _end(trial)
    assert blocks == [{(arm, seed) for arm in ("bare", "he_init") for seed in seeds} for seeds in ((4, 5), (6, 7))], (
        "batch_norm is decided at once, and the baseline runs as long as he_init"
    )
    standing = Overview(plan).look()
    assert standing.complete
    assert standing.to_json()["planned"] == standing.counts["finished"] == 20
    assert standing.to_json()["skipped"] == 4
    assert standing.line() == "20 of 20 trials finished, 4 skipped"
    statuses = [(row["arm"], row["seed"]) for row in trials_table.rows(plan) if row["status"] == "skipped"]
    assert statuses == [("batch_norm", seed) for seed in (4, 5, 6, 7)]


def test_when_all_is_decided_the_baseline_is_spared_too(write_sweep: Any) -> None:
    plan = _plan(write_sweep(factors=["batch_norm"], seeds=4, stop=STOP))
    for trial in pending_trials(plan):
        _end(trial)
    assert not _left(plan)
    standing = Overview(plan).look()
    assert standing.complete
    assert (standing.planned, len(standing.skipped)) == (8, 8)


def test_before_the_first_look_everything_may_be_needed(write_sweep: Any) -> None:
    standing = Overview(_plan(write_sweep(seeds=4, stop=STOP))).look()
    assert (standing.planned, standing.counts["waiting"], len(standing.skipped)) == (24, 24, 0)
    assert not standing.complete


def test_a_run_without_a_score_lets_the_look_come_and_makes_no_pair(write_sweep: Any) -> None:
    plan = _plan(write_sweep(seeds=4, stop=STOP))
    for trial in pending_trials(plan):
        _end(trial, "diverged" if trial.arm == "batch_norm" else "finished")
    assert {trial.arm for trial in _left(plan)} == {"bare", "batch_norm", "he_init"}
    assert Overview(plan).look().counts["diverged"] == 4


def test_a_look_waits_for_a_run_that_failed(write_sweep: Any) -> None:
    """Trying it again then changes nothing that was decided."""
    plan = _plan(write_sweep(seeds=4, stop=STOP))
    first = pending_trials(plan)
    for trial in first:
        _end(trial, "failed" if trial == first[-1] else "finished")
    assert pending_trials(plan) == first
    assert not Overview(plan).look().complete
    _end(first[-1])
    assert len(pending_trials(plan)) > len(first)


def test_runs_of_another_study_beyond_the_look_change_nothing(write_sweep: Any) -> None:
    plan = _plan(write_sweep(seeds=4, stop=STOP))
    for trial in plan.trials:
        if trial.arm == "batch_norm":
            _end(trial, "finished" if trial.seed < 7 else "failed")
    for trial in pending_trials(plan):
        _end(trial)
    assert {trial.arm for trial in _left(plan)} == {"bare", "he_init"}
    standing = Overview(plan).look()
    assert (standing.planned, len(standing.skipped), standing.counts["failed"]) == (23, 1, 0)


def test_a_study_without_the_rule_has_all_of_its_trials_due(write_sweep: Any) -> None:
    plan = _plan(write_sweep())
    assert pending_trials(plan) == list(plan.trials)
    assert plan.record().stop is None


def test_seeds_are_added_after_the_largest_one(write_sweep: Any) -> None:
    plan = _plan(write_sweep(seeds=[3, 9], stop={"when": "decided", "at_most": 4}))
    assert plan.seeds == (3, 9, 10, 11)
    stored_plans.write(plan)
    assert stored_plans.load("small").trials == plan.trials


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
    plan = _plan(path)
    stored_plans.write(plan)
    stored_plans.check(_plan(path, **changes))  # nothing ran yet
    _end(plan.trials[0])
    stored_plans.check(plan)
    with pytest.raises(Misuse) as refusal:
        stored_plans.check(_plan(path, **changes))
    assert message in str(refusal.value)
    assert "study=small-2" in str(refusal.value)


def test_the_rule_cannot_be_added_to_seeds_that_were_seen(write_sweep: Any) -> None:
    path = write_sweep(seeds=4)
    plan = _plan(path)
    stored_plans.write(plan)
    _end(plan.trials[0])
    with pytest.raises(Misuse, match="stop: None -> first 4"):
        stored_plans.check(_plan(path, stop=STOP))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stop": {"when": "bored", "at_most": 9}}, "stop.when='bored': the only rule is 'decided'"),
        ({"stop": {"when": "decided"}}, "stop: 'at_most' is missing"),
        ({"stop": {"at_mst": 9}}, "stop: unknown key 'at_mst'; did you mean 'at_most'?"),
        ({"stop": {"first": 3, "at_most": 9}}, "stop: unknown key 'first': the first look is after `seeds`"),
        ({"stop": 9}, "stop: expected {when: decided, at_most: 30}"),
        ({"stop": {"at_most": "many"}}, "stop.at_most='many': expected a number of seeds"),
        ({"stop": {"at_most": 9, "every": 0}}, "stop.every=0: expected a number of seeds"),
        ({"stop": {"at_most": 10_000}}, "stop.at_most=10000: expected a number of seeds"),
        ({"stop": {"at_most": 3}, "seeds": 4}, "stop.at_most=3: the first look is after 4 seeds already"),
        ({"stop": {"at_most": 9}, "seeds": 1}, "stop: the first look is after 1 seed, which shows no spread"),
    ],
)
def test_refusals_are_one_telling_line(changes: dict[str, Any], message: str) -> None:
    good = {"study": "s", "experiment": "digits", "factors": ["he_init"], "seeds": 3}
    with pytest.raises(Misuse) as refusal:
        sweep.parse({**good, **changes}, "sweeps/s.yaml")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
