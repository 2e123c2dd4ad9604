"""Heartbeats: which trials become stale and when, by the clock of the observer, with and without a shared folder."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from dcgan.common.errors import Misuse
from dcgan.common.files import locked
from dcgan.queue import Claim, Queue, heartbeat
from dcgan.queue.heartbeat import Heartbeat, HeartbeatMonitor, WorkerLock
from dcgan.queue.plan_entries import outcome_in
from tests.queue.filled import FINISHED
from tests.tiny import record


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _running(owner: dict[str, Any] | None, beat: int) -> FrozenTrial:
    trial = create_trial(state=TrialState.RUNNING, user_attrs={"owner": owner, "beat": beat})
    trial.number = 7
    return trial


def _observe(monitor: HeartbeatMonitor, clock: Clock, trial: FrozenTrial, times: int, seconds: float) -> None:
    for _ in range(times):
        clock.now += seconds
        monitor.observe([trial])


def test_a_trial_without_heartbeats_is_stale_after_its_lease_and_not_before(tmp_path: Path) -> None:
    clock = Clock()
    monitor = HeartbeatMonitor(tmp_path, 60.0, clock)
    silent = _running({"id": "far-1", "host": "far"}, 3)
    _observe(monitor, clock, silent, 7, 10)  # the first observation starts the count
    assert not monitor.is_stale(silent)
    _observe(monitor, clock, silent, 1, 10)
    assert monitor.is_stale(silent)
    assert not monitor.is_stale(_running({"id": "far-1", "host": "far"}, 4)), "a newer heartbeat"
    _observe(monitor, clock, _running({"id": "far-1", "host": "far"}, 4), 1, 10)
    assert not monitor.is_stale(_running({"id": "far-1", "host": "far"}, 4))


def test_a_trial_whose_worker_was_killed_before_its_first_heartbeat_is_stale_too(tmp_path: Path) -> None:
    clock = Clock()
    monitor = HeartbeatMonitor(tmp_path, 60.0, clock)
    trial = create_trial(state=TrialState.RUNNING)
    _observe(monitor, clock, trial, 8, 10)
    assert monitor.is_stale(trial)


def test_a_machine_that_slept_finds_no_trial_stale(tmp_path: Path) -> None:
    clock = Clock()
    monitor = HeartbeatMonitor(tmp_path, 60.0, clock)
    trial = _running({"id": "far-1", "host": "far"}, 3)
    _observe(monitor, clock, trial, 2, 15)
    _observe(monitor, clock, trial, 1, 8 * 3600)
    assert not monitor.is_stale(trial)


def test_a_lock_that_is_seen_decides_at_once(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    monitor = HeartbeatMonitor(tmp_path, 60.0, Clock())
    clock = Clock()
    later = HeartbeatMonitor(tmp_path, 60.0, clock)
    trial = _running(lock.identity, 0)
    _observe(later, clock, trial, 20, 10)
    assert not later.is_stale(trial), "silent but alive: nobody can take its run"
    lock._file.close()
    assert monitor.is_stale(trial)
    elsewhere = _running({**lock.identity, "host": "far"}, 0)
    assert not monitor.is_stale(elsewhere), "a network file system may not know of that machine's lock"


def test_stalled_workers_are_listed(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    assert heartbeat.stalled(tmp_path, 60.0) == []
    os.utime(lock.path, (time.time() - 300, time.time() - 300))
    (worker,) = heartbeat.stalled(tmp_path, 60.0)
    assert worker["pid"] == os.getpid()
    assert 299 <= worker["seconds"] <= 310
    lock.touch()
    assert heartbeat.stalled(tmp_path, 60.0) == []


@pytest.mark.parametrize("content", ["[]", "5", "{"])
def test_a_lock_of_another_name_and_content_is_no_worker_and_stops_nobody(tmp_path: Path, content: str) -> None:
    path = tmp_path / heartbeat.FOLDER / "odd.lock"
    path.parent.mkdir()
    path.write_text(content)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert heartbeat.stalled(tmp_path, -1) == []
        assert heartbeat.living(tmp_path) == ["odd.lock"]


def test_the_locks_of_dead_workers_are_removed(tmp_path: Path) -> None:
    living, dead, ended = WorkerLock(tmp_path), WorkerLock(tmp_path), WorkerLock(tmp_path)
    dead._file.close()
    ended._file.close()
    heartbeat.remove_stale_locks(tmp_path, [dead.id])
    assert living.path.exists()
    assert dead.path.exists(), "it shows that the worker of a running trial is dead"
    assert not ended.path.exists()


def test_heartbeats_go_on_while_the_storage_is_unreachable_and_end_with_the_trial() -> None:
    sent: list[int] = []
    ended = threading.Event()

    def send(count: int) -> None:
        sent.append(count)
        if ended.is_set():
            raise KeyError("the study is gone")
        raise ConnectionError("away")

    with Heartbeat(send, 0.01) as beating:
        _until(lambda: len(sent) > 3)
        assert not beating.lost.is_set()
        ended.set()
        assert beating.lost.wait(5)


@pytest.mark.parametrize("given", ["soon", "0", "-3", "inf", "1e308", "1e-300"])
def test_a_lease_that_is_no_number_above_0(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(heartbeat.VARIABLE, given)
    with pytest.raises(Misuse, match=f"{heartbeat.VARIABLE}={given}: expected a number of seconds, 0.01 to 1,000,000"):
        heartbeat.default_lease()


def _until(true: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _take_over(queue: Queue) -> Claim:
    """What a second machine gets that has nothing else left to do."""
    for _ in range(400):
        with queue.claim() as claim:
            if claim is None:
                time.sleep(0.05)
                continue
            if claim.number > 2:
                return claim
            queue.settle(claim, FINISHED)
    raise AssertionError("nothing was taken over")


@pytest.mark.slow
def test_a_worker_paused_past_its_lease_leaves_its_trial_to_the_other_machine(apart: Any) -> None:
    first = apart("here")
    with first.claim() as mine:
        assert mine is not None
        second = apart("there")
        time.sleep(1.5)  # more than a lease, but with heartbeats
        second.others_busy()
        assert not mine.lost()
        first._send_heartbeat = lambda *_: time.sleep(60)  # paused
        theirs = _take_over(second)
        assert theirs.trial.run == mine.trial.run
        apart("here")
        first.settle(mine, record(scores={"fid": 99.0}))
        apart("there")
        second.settle(theirs, FINISHED)
    trials = first._storage.storage.get_all_trials(first._key)
    assert [trial.value for trial in trials if trial.state == TrialState.COMPLETE] == [1.5, 1.5, 1.5]
    assert [outcome_in(trial)["status"] for trial in trials if trial.state == TrialState.FAIL] == ["died"]


def test_a_worker_that_wakes_up_notices_that_it_lost_its_trial(apart: Any) -> None:
    first = apart("here")
    with first.claim() as mine:
        assert mine is not None
        first._storage.storage.set_trial_state_values(mine.key, TrialState.FAIL)
        _until(mine.lost)


@pytest.mark.slow
def test_killed_between_the_claim_and_its_first_attribute(apart: Any) -> None:
    queue = apart("here")
    storage = queue._storage.storage
    (first, *_) = storage.get_all_trials(queue._key)
    assert storage.set_trial_state_values(first._trial_id, TrialState.RUNNING)
    for _ in range(3):  # more often than `retries`: this is no trial's fault
        again = _take_over(queue)
        assert again.trial.run == first.user_attrs["run"]
        storage.set_trial_user_attr(again.key, "owner", None)


@pytest.mark.parametrize("owner", ["../../held", "/held", "", 3.5, ["a"]])
def test_an_owner_s_id_is_no_path_out_of_the_folder(tmp_path: Path, owner: object) -> None:
    """Whoever writes the storage would choose which files are opened and locked."""
    directory = tmp_path / "studies" / "small"
    (directory / heartbeat.FOLDER).mkdir(parents=True)
    clock = Clock()
    monitor = HeartbeatMonitor(directory, 60.0, clock)
    trial = _running({"id": owner, "host": "far"}, 3)
    with locked(tmp_path / "studies" / "held.lock", wait=True):
        _observe(monitor, clock, trial, 8, 10)
        assert monitor.is_stale(trial)
