"""What all queues do with trials whose workers died."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from typing import Any

import optuna
import pytest

from dcgan.queue import Queue
from dcgan.queue.storage import open_storage
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep
from tests.queue.filled import FINISHED, drained, filled, plan_of, states
from tests.tiny import record


def _outcomes(plan: Plan) -> list[tuple[str, str]]:
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    outcomes = [trial.user_attrs.get("outcome", {}) for trial in study.get_trials(deepcopy=False)]
    return [(outcome.get("status"), outcome.get("failure")) for outcome in outcomes]


def test_a_killed_worker_s_trial_is_the_next_one_at_once(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    queue = filled(plan)
    code = (
        "import os, signal, sys\n"
        "from dcgan.study import stored_plans\n"
        "from dcgan.queue import Queue\n"
        "with Queue(stored_plans.load(sys.argv[1])).claim() as claim:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    died = subprocess.run([sys.executable, "-c", code, plan.study], check=False)
    assert died.returncode == -signal.SIGKILL
    assert states(plan)["RUNNING"] == 1
    assert queue.others_busy()
    assert drained(queue) == [(trial.arm, trial.seed) for trial in plan.trials]
    assert states(plan) == {"COMPLETE": len(plan.trials), "FAIL": 1}


def test_a_trial_that_kills_its_workers_is_given_up(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1, retries=2)
    queue = filled(plan)
    first = plan.trials[0]
    for _ in range(3):
        mortal = Queue(plan)
        with mortal.claim() as claim:
            assert claim is not None
            assert claim.trial == first
        _die(mortal)
    assert (first.arm, first.seed) not in drained(queue)
    reason = f"its worker died 3 times (last on {socket.gethostname()})"
    told = outcome_of(first)
    assert record is not None
    assert (told.status, told.failure) == ("failed", reason)
    assert _outcomes(plan)[-3:].count(("failed", reason)) == 1
    assert queue.fill(lambda trial: None if trial == first else FINISHED) == 1  # typed again: once more
    assert drained(queue) == [(first.arm, first.seed)]


def _die(queue: Queue) -> None:
    """As the operating system leaves a worker that was killed."""
    assert queue._lock is not None
    queue._lock._file.close()


@pytest.mark.slow
def test_killed_workers_are_taken_over_by_another_process_at_once(write_sweep: Any) -> None:
    plan = planning.make(sweep.load(write_sweep(), {"seeds": 1}))
    stored_plans.write(plan)
    queue = Queue(plan)
    queue.fill()
    code = (
        "import sys, time\n"
        "from dcgan.study import stored_plans\n"
        "from dcgan.queue import Queue\n"
        "with Queue(stored_plans.load(sys.argv[1])).claim() as claim:\n"
        "    print(claim.trial.run, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, plan.study], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        run = worker.stdout.readline().strip()
        with queue.claim() as claim:
            assert claim is not None
            assert claim.trial.run != run
            queue.settle(claim, FINISHED)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    began = time.monotonic()
    with queue.claim() as claim:
        assert claim is not None
        assert claim.trial.run == run
        assert time.monotonic() - began < 5.0, "far less than the lease of a minute"
        queue.release(claim)
