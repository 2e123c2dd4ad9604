"""The trials of a plan as Optuna has them: entered once, made again from the outcomes, in Optuna's own states."""

from __future__ import annotations

from typing import Any

import optuna
from optuna.trial import TrialState

from dcgan.queue import Queue
from dcgan.queue.storage import open_storage
from tests.queue.filled import FINISHED, drained, filled, plan_of, states
from tests.tiny import record


def test_filled_twice_and_claimed_by_two_is_still_each_once(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    first, second = filled(plan), filled(plan)
    with first.claim() as mine, second.claim() as theirs:
        assert mine is not None
        assert theirs is not None
        assert mine.trial != theirs.trial
        assert first.others_busy()
        first.settle(mine, FINISHED)
        second.settle(theirs, FINISHED)
    assert not first.others_busy()
    assert len(drained(first)) == len(plan.trials) - 2


def test_the_queue_is_made_again_from_the_outcomes(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    done, diverged, crashed = plan.trials
    outcomes = {
        done.run: FINISHED,
        diverged.run: record(status="diverged", failure="loss is not finite"),
        crashed.run: record(status="failed", failure="disk full"),
    }
    queue = Queue(plan)
    assert queue.fill(lambda trial: outcomes[trial.run]) == 1
    assert states(plan) == {"COMPLETE": 1, "FAIL": 1, "WAITING": 1}
    assert queue.fill(lambda trial: outcomes[trial.run]) == 1, "filling again adds nothing"
    assert drained(queue) == [(crashed.arm, crashed.seed)]


def test_fewer_and_more_seeds(write_sweep: Any) -> None:
    filled(plan_of(write_sweep, seeds=3))
    assert len(drained(filled(plan_of(write_sweep, seeds=1)))) == 3
    longer = plan_of(write_sweep, seeds=4)
    assert Queue(longer).fill(lambda trial: FINISHED if trial.seed < 1 else None) == 9
    assert {seed for _, seed in drained(Queue(longer))} == {1, 2, 3}


def test_optuna_sees_arms_seeds_runs_and_scores(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1, metric="recall")
    drained(filled(plan), record(scores={"fid": 9.0, "recall": 0.5}))
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    assert study.direction.name == "MAXIMIZE"
    trial = study.get_trials()[0]
    assert trial.params == {"arm": plan.trials[0].arm, "seed": 0}
    assert trial.value == 0.5
    assert trial.user_attrs["run"] == plan.trials[0].run
    assert trial.user_attrs["outcome"]["scores"]["fid"] == 9.0


def test_a_score_that_is_not_a_number_does_not_stop_the_queue(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    assert len(drained(filled(plan), record())) == 3
    assert states(plan) == {"FAIL": 3}


def test_states_are_optuna_s(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    drained(filled(plan), record(status="pruned"))
    assert states(plan) == {TrialState.PRUNED.name: 3}
