"""Studies that stop when decided: the rule's words, what is pending at each look, what is skipped, what may not change."""

from __future__ import annotations

from typing import Any

from dcgan.study import trials_table
from dcgan.study.outcomes import outcomes
from dcgan.study.pending import pending_trials
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview
from tests.study.recorded import STOP, end, plan_of


def _left(plan: Plan) -> list[Trial]:
    known = outcomes(plan)
    return [trial for trial in pending_trials(plan) if trial.run not in known]


def test_open_comparisons_get_the_next_block_and_decided_ones_get_none(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(seeds=4, stop=STOP))
    assert len(plan.trials) == 3 * 8
    assert [(trial.arm, trial.seed) for trial in pending_trials(plan)] == [
        (each.arm, each.seed) for each in plan.trials[:12]
    ]
    for trial in pending_trials(plan)[:11]:
        end(trial)
    assert len(pending_trials(plan)) == 12, "a look waits for its whole block"
    end(pending_trials(plan)[11])
    blocks = []
    while left := _left(plan):
        blocks.append({(trial.arm, trial.seed) for trial in left})
        for trial in left:
            end(trial)
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
    plan = plan_of(write_sweep(factors=["batch_norm"], seeds=4, stop=STOP))
    for trial in pending_trials(plan):
        end(trial)
    assert not _left(plan)
    standing = Overview(plan).look()
    assert standing.complete
    assert (standing.planned, len(standing.skipped)) == (8, 8)


def test_before_the_first_look_everything_may_be_needed(write_sweep: Any) -> None:
    standing = Overview(plan_of(write_sweep(seeds=4, stop=STOP))).look()
    assert (standing.planned, standing.counts["waiting"], len(standing.skipped)) == (24, 24, 0)
    assert not standing.complete


def test_a_run_without_a_score_lets_the_look_come_and_makes_no_pair(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(seeds=4, stop=STOP))
    for trial in pending_trials(plan):
        end(trial, "diverged" if trial.arm == "batch_norm" else "finished")
    assert {trial.arm for trial in _left(plan)} == {"bare", "batch_norm", "he_init"}
    assert Overview(plan).look().counts["diverged"] == 4


def test_a_look_waits_for_a_run_that_failed(write_sweep: Any) -> None:
    """Trying it again then changes nothing that was decided."""
    plan = plan_of(write_sweep(seeds=4, stop=STOP))
    first = pending_trials(plan)
    for trial in first:
        end(trial, "failed" if trial == first[-1] else "finished")
    assert pending_trials(plan) == first
    assert not Overview(plan).look().complete
    end(first[-1])
    assert len(pending_trials(plan)) > len(first)


def test_runs_of_another_study_beyond_the_look_change_nothing(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(seeds=4, stop=STOP))
    for trial in plan.trials:
        if trial.arm == "batch_norm":
            end(trial, "finished" if trial.seed < 7 else "failed")
    for trial in pending_trials(plan):
        end(trial)
    assert {trial.arm for trial in _left(plan)} == {"bare", "he_init"}
    standing = Overview(plan).look()
    assert (standing.planned, len(standing.skipped), standing.counts["failed"]) == (23, 1, 0)


def test_a_study_without_the_rule_has_all_of_its_trials_due(write_sweep: Any) -> None:
    plan = plan_of(write_sweep())
    assert pending_trials(plan) == list(plan.trials)
    assert plan.record().stop is None
