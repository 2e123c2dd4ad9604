"""The queue of a plan: no trial is claimed twice and none is lost, whichever worker dies when."""

from __future__ import annotations

import json
import multiprocessing
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from dcgan.common.errors import Misuse
from dcgan.queue import Queue
from dcgan.queue.storage import open_storage
from dcgan.records.run_record import RunRecord
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep
from tests.tiny import drain, record

FINISHED = record(scores={"fid": 1.5})


def _never_began(_trial: Trial) -> RunRecord | None:
    return None


def _plan(write_sweep: Any, **changes: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(), changes))
    stored_plans.write(plan)
    return plan


def _filled(plan: Plan) -> Queue:
    queue = Queue(plan)
    queue.fill(_never_began)
    return queue


def _drain(queue: Queue, outcome: RunRecord = FINISHED) -> list[tuple[str, int]]:
    return drain(queue, outcome)


def _states(plan: Plan) -> Counter[str]:
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    return Counter(trial.state.name for trial in study.get_trials(deepcopy=False))


def _outcomes(plan: Plan) -> list[tuple[str, str]]:
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    outcomes = [trial.user_attrs.get("outcome", {}) for trial in study.get_trials(deepcopy=False)]
    return [(outcome.get("status"), outcome.get("failure")) for outcome in outcomes]


def _claim_all(study: str, out: Path) -> None:
    out.write_text(json.dumps(_drain(Queue(stored_plans.load(study)))))


def test_eight_processes_claim_a_hundred_trials_none_twice_none_lost(write_sweep: Any, tmp_path: Path) -> None:
    plan = _plan(write_sweep, seeds=25, factors=["batch_norm", "he_init", "leaky_relu"])
    assert Queue(plan).fill(_never_began) == 100
    assert 0 < _states(plan)["WAITING"] < 100, "the rest is entered when these are gone"
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
    assert _states(plan) == {"COMPLETE": 100}


def test_trials_come_in_the_plan_s_order(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=3)
    assert _drain(_filled(plan)) == [(trial.arm, trial.seed) for trial in plan.trials]


def test_filled_twice_and_claimed_by_two_is_still_each_once(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    first, second = _filled(plan), _filled(plan)
    with first.claim() as mine, second.claim() as theirs:
        assert mine is not None
        assert theirs is not None
        assert mine.trial != theirs.trial
        assert first.others_busy()
        first.settle(mine, FINISHED)
        second.settle(theirs, FINISHED)
    assert not first.others_busy()
    assert len(_drain(first)) == len(plan.trials) - 2


def test_a_killed_worker_s_trial_is_the_next_one_at_once(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    queue = _filled(plan)
    code = (
        "import os, signal, sys\n"
        "from dcgan.study import stored_plans\n"
        "from dcgan.queue import Queue\n"
        "with Queue(stored_plans.load(sys.argv[1])).claim() as claim:\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    died = subprocess.run([sys.executable, "-c", code, plan.study], check=False)
    assert died.returncode == -signal.SIGKILL
    assert _states(plan)["RUNNING"] == 1
    assert queue.others_busy()
    assert _drain(queue) == [(trial.arm, trial.seed) for trial in plan.trials]
    assert _states(plan) == {"COMPLETE": len(plan.trials), "FAIL": 1}


def test_a_trial_that_kills_its_workers_is_given_up(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1, retries=2)
    queue = _filled(plan)
    first = plan.trials[0]
    for _ in range(3):
        mortal = Queue(plan)
        with mortal.claim() as claim:
            assert claim is not None
            assert claim.trial == first
        _die(mortal)
    assert (first.arm, first.seed) not in _drain(queue)
    reason = f"its worker died 3 times (last on {socket.gethostname()})"
    told = outcome_of(first)
    assert record is not None
    assert (told.status, told.failure) == ("failed", reason)
    assert _outcomes(plan)[-3:].count(("failed", reason)) == 1
    assert queue.fill(lambda trial: None if trial == first else FINISHED) == 1  # typed again: once more
    assert _drain(queue) == [(first.arm, first.seed)]


def _die(queue: Queue) -> None:
    """As the operating system leaves a worker that was killed."""
    assert queue._lock is not None
    queue._lock._file.close()


def test_a_released_trial_waits_again(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    queue = _filled(plan)
    with queue.claim() as claim:
        assert claim is not None
        queue.release(claim)
    assert len(_drain(queue)) == len(plan.trials)


def test_the_queue_is_made_again_from_the_outcomes(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1)
    done, diverged, crashed = plan.trials
    outcomes = {
        done.run: FINISHED,
        diverged.run: record(status="diverged", failure="loss is not finite"),
        crashed.run: record(status="failed", failure="disk full"),
    }
    queue = Queue(plan)
    assert queue.fill(lambda trial: outcomes[trial.run]) == 1
    assert _states(plan) == {"COMPLETE": 1, "FAIL": 1, "WAITING": 1}
    assert queue.fill(lambda trial: outcomes[trial.run]) == 1, "filling again adds nothing"
    assert _drain(queue) == [(crashed.arm, crashed.seed)]


def test_a_failure_is_offered_again_only_by_filling_again(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1)
    queue = _filled(plan)
    failed = record(status="failed", failure="disk full")
    assert len(_drain(queue, failed)) == 3
    assert _drain(queue) == []
    assert queue.fill(lambda _trial: failed) == 3


def test_a_finished_run_that_is_gone_is_trained_again(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1)
    queue = Queue(plan)
    queue.fill(lambda _trial: FINISHED)
    assert queue.fill(_never_began) == 3


def test_fewer_and_more_seeds(write_sweep: Any) -> None:
    _filled(_plan(write_sweep, seeds=3))
    assert len(_drain(_filled(_plan(write_sweep, seeds=1)))) == 3
    longer = _plan(write_sweep, seeds=4)
    assert Queue(longer).fill(lambda trial: FINISHED if trial.seed < 1 else None) == 9
    assert {seed for _, seed in _drain(Queue(longer))} == {1, 2, 3}


def test_optuna_sees_arms_seeds_runs_and_scores(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1, metric="recall")
    _drain(_filled(plan), record(scores={"fid": 9.0, "recall": 0.5}))
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    assert study.direction.name == "MAXIMIZE"
    trial = study.get_trials()[0]
    assert trial.params == {"arm": plan.trials[0].arm, "seed": 0}
    assert trial.value == 0.5
    assert trial.user_attrs["run"] == plan.trials[0].run
    assert trial.user_attrs["outcome"]["scores"]["fid"] == 9.0


def test_a_score_that_is_not_a_number_does_not_stop_the_queue(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1)
    assert len(_drain(_filled(plan), record())) == 3
    assert _states(plan) == {"FAIL": 3}


def test_a_storage_with_another_study_of_that_name(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    _filled(plan)
    other = planning.make(sweep.load(write_sweep(), {"budget.epochs": 5}))
    assert Queue(other).fill(_never_began) == len(other.trials), "nothing ran yet: replaced"
    with Queue(other).claim() as claim:
        assert claim is not None
    with pytest.raises(Misuse, match="storage has a study 'small' with other arms.*study=small-2"):
        Queue(plan)


def test_a_half_written_line_of_the_journal_is_cut_off(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    _filled(plan)
    with (plan.directory / "optuna.journal").open("ab") as journal:
        journal.write(b'{"op_code": 5, "worker_id": "a disk that was fu')
    assert len(_drain(Queue(plan))) == len(plan.trials)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("foo", "--storage foo: not a database URL"),
        ("redis://host", "--storage redis://host: not a database URL"),
        ("nosuch://me:secret@host/x", "not a database URL"),
        ("nosuch://host/x?user=me&password=secret", "not a database URL"),
        ("sqlite:///queue.db", "SQLite hands a trial out twice; use postgresql://"),
        ("mysql://me:secret@host/x", "nobody has tried whether mysql hands a trial out twice"),
        ("postgres://me:secret@host/x", "did you mean 'postgresql'?"),
        ("grpc://host", "expected grpc://HOST:PORT"),
    ],
)
def test_bad_storages_are_refused_without_their_password(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        open_storage(tmp_path, url)
    assert message in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_states_are_optuna_s(write_sweep: Any) -> None:
    plan = _plan(write_sweep, seeds=1)
    _drain(_filled(plan), record(status="pruned"))
    assert _states(plan) == {TrialState.PRUNED.name: 3}


def test_within_a_time_nothing_begins_that_would_end_later(write_sweep: Any) -> None:
    """Said once for all workers; a launch without a time lifts it."""
    plan = _plan(write_sweep)
    queue = Queue(plan)
    queue.fill()
    queue.set_deadline(time.time() - 1, 2)
    with Queue(plan).claim() as late:
        assert late is None
    queue.set_deadline(time.time() + 100, 2)
    with Queue(plan).claim() as timely:
        assert timely is not None
    queue.set_deadline(None, 2)
    with Queue(plan).claim() as later:
        assert later is not None
        assert later.number != timely.number
