"""Claims of one given trial, and of what other workers left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from dcgan.queue import Queue
from tests.queue.filled import FINISHED, filled, plan_of, states
from tests.tiny import drain, record

_HOLD = (
    "import sys, time; from dcgan.queue import Queue; from dcgan.study import stored_plans\n"
    "plan = stored_plans.load('small'); queue = Queue(plan)\n"
    "with queue.claim_of(plan.trials[2]) as claim:\n    print(claim is not None, flush=True); time.sleep(600)"
)


def test_a_given_trial_is_entered_claimed_and_settled_and_nothing_else(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = Queue(plan)
    wanted = plan.trials[3]
    with queue.claim_of(wanted) as claim:
        assert claim is not None and claim.trial == wanted
        assert states(plan) == {"RUNNING": 1}
        with Queue(plan).claim_of(wanted) as second:
            assert second is None, "another worker has it"
        queue.settle(claim, FINISHED)
    assert states(plan) == {"COMPLETE": 1}
    with queue.claim_abandoned() as claim:
        assert claim is None


def test_one_that_waits_in_a_filled_queue_is_claimed_there(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = filled(plan)
    last = plan.trials[-1]
    with queue.claim_of(last) as claim:
        assert claim is not None and claim.trial == last
        queue.settle(claim, FINISHED)
    cells = drain(queue, FINISHED)
    assert len(cells) == len(plan.trials) - 1 and (last.arm, last.seed) not in cells
    assert states(plan) == {"COMPLETE": len(plan.trials)}


def test_a_failed_one_can_be_claimed_again(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = Queue(plan)
    for outcome in (record(status="failed", failure="disk full"), FINISHED):
        with queue.claim_of(plan.trials[0]) as claim:
            assert claim is not None
            queue.settle(claim, outcome)
    assert states(plan) == {"FAIL": 1, "COMPLETE": 1}


def test_many_ask_for_the_same_and_one_gets_it(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    got: list[bool] = []
    everyone_asked = threading.Barrier(6)

    def ask() -> None:
        queue = Queue(plan)
        with queue.claim_of(plan.trials[0]) as claim:
            got.append(claim is not None)
            everyone_asked.wait(timeout=60)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 5 + [True]


@pytest.mark.slow
def test_what_a_killed_worker_had_is_abandoned_and_claimed_once(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    with subprocess.Popen([sys.executable, "-c", _HOLD], env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "True\n"
            queue = Queue(plan)
            with queue.claim_abandoned() as claim:
                assert claim is None, "its worker lives"
            with queue.claim_of(plan.trials[2]) as claim:
                assert claim is None
        finally:
            process.send_signal(signal.SIGKILL)
    with queue.claim_abandoned() as claim:
        assert claim is not None and claim.trial == plan.trials[2]
        with Queue(plan).claim_abandoned() as second:
            assert second is None
        queue.settle(claim, FINISHED)


def test_a_released_one_is_abandoned_and_what_was_never_begun_is_not(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = filled(plan)
    with queue.claim_of(plan.trials[1]) as claim:
        queue.release(claim)
    with queue.claim_abandoned() as claim:
        assert claim is not None and claim.trial == plan.trials[1]
        queue.settle(claim, FINISHED)
    with queue.claim_abandoned() as claim:
        assert claim is None
