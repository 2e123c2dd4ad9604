"""The queue of a plan: no trial is claimed twice and none is lost, whichever worker dies when."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

from dcgan.queue import Queue
from dcgan.study import stored_plans
from tests.queue.filled import FINISHED, drained, filled, never_began, plan_of, states
from tests.tiny import record


def _claim_all(study: str, out: Path) -> None:
    out.write_text(json.dumps(drained(Queue(stored_plans.load(study)))))


def test_eight_processes_claim_a_hundred_trials_none_twice_none_lost(write_sweep: Any, tmp_path: Path) -> None:
    plan = plan_of(write_sweep, seeds=25, factors=["batch_norm", "he_init", "leaky_relu"])
    assert Queue(plan).fill(never_began) == 100
    assert 0 < states(plan)["WAITING"] < 100, "the rest is entered when these are gone"
    context = multiprocessing.get_context("fork")
    files = [tmp_path / f"{number}.json" for number in range(8)]
    processes = [context.Process(target=_claim_all, args=(plan.study, file)) for file in files]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    claimed = [tuple(cell) for file in files for cell in json.loads(file.read_text())]
    assert len(claimed) == len(set(claimed)) == 100
    assert set(claimed) == {(trial.arm, trial.seed) for trial in plan.trials}
    assert states(plan) == {"COMPLETE": 100}


def test_trials_come_in_the_plan_s_order(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=3)
    assert drained(filled(plan)) == [(trial.arm, trial.seed) for trial in plan.trials]


def test_a_released_trial_waits_again(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = filled(plan)
    with queue.claim() as claim:
        assert claim is not None
        queue.release(claim)
    assert len(drained(queue)) == len(plan.trials)


def test_a_failure_is_offered_again_only_by_filling_again(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    queue = filled(plan)
    failed = record(status="failed", failure="disk full")
    assert len(drained(queue, failed)) == 3
    assert drained(queue) == []
    assert queue.fill(lambda _trial: failed) == 3


def test_a_finished_run_that_is_gone_is_trained_again(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    queue = Queue(plan)
    queue.fill(lambda _trial: FINISHED)
    assert queue.fill(never_began) == 3


def test_within_a_time_nothing_begins_that_would_end_later(write_sweep: Any) -> None:
    """Said once for all workers; a launch without a time lifts it."""
    plan = plan_of(write_sweep)
    queue = Queue(plan)
    queue.fill()
    queue.give_time(-1, 2)
    with Queue(plan).claim() as late:
        assert late is None
    queue.give_time(100, 2)
    with Queue(plan).claim() as timely:
        assert timely is not None
    queue.give_time(None, 2)
    with Queue(plan).claim() as later:
        assert later is not None
        assert later.number != timely.number
