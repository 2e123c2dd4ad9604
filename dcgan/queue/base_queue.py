"""What every queue does with the trials in a storage: heartbeats, failing stale trials, requeueing what they had."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from dcgan.queue import study_record
from dcgan.queue.heartbeat import Heartbeat, HeartbeatMonitor, WorkerLock, owner_of
from dcgan.queue.plan_entries import DIED, DUPLICATE, RELEASED, Outcome, deaths, outcome_in
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import open_storage
from dcgan.queue.study_curves import Curves
from dcgan.queue.study_extractor import Extractors
from dcgan.study.plan import Plan

HEARTBEATS_PER_LEASE = 4


class Entries(Protocol):
    """A storage's trials, read as the entries of a queue."""

    superseded: list[FrozenTrial]

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The valid entries in that state."""

    def to_requeue(self) -> list[FrozenTrial]:
        """The valid entries that ended without an outcome."""


E = TypeVar("E", bound=Entries)


class BaseQueue(ABC, Generic[E]):
    """`plan`'s study in a storage, as one worker sees it. Subclasses say what an entry is and which one is next."""

    def __init__(self, plan: Plan, url: str | None, stop: Callable[[], bool]) -> None:
        self.plan = plan
        self._remote = url is not None  # whether there may be workers that do not share this folder
        self._storage = RetryingStorage(open_storage(plan.directory, url, stop), stop)
        self._key, self.lease = study_record.register(self._storage, plan)
        self._monitor = HeartbeatMonitor(plan.directory, self.lease)
        self._lock: WorkerLock | None = None
        self.extractors = Extractors(plan, self._storage if self._remote else None)
        self.curves = Curves(plan, self._storage if self._remote else None)

    def close(self) -> None:
        """Leaves the queue; the process may go on."""
        if self._lock is not None:
            self._lock.close()
        self._lock = None

    def check_data(self, fingerprints: dict[str, str]) -> None:
        """Raises Misuse if this is not the version, or these are not the data, that the study was planned with."""
        study_record.check_data(self._storage, self._key, self.plan, fingerprints)

    def record_data(self, fingerprints: dict[str, str]) -> None:
        """Records the study's version and data in the storage; raises Misuse for others than it began with."""
        study_record.record_data(self._storage, self._key, self.plan, fingerprints)

    @abstractmethod
    def _read_entries(self) -> E:
        """The entries in the storage now; the monitor observes their heartbeats."""

    @abstractmethod
    def _requeue(self, entry: FrozenTrial, died: int) -> None:
        """Enters again what an entry was for; `died` workers have died of it."""

    @abstractmethod
    def _known_outcome(self, entry: FrozenTrial) -> Outcome | None:
        """The outcome that a dead worker had reached for its entry, if it had."""

    @abstractmethod
    def _record_failure(self, entry: FrozenTrial, reason: str) -> None:
        """Records that an entry's run failed: too many workers died of it."""

    @abstractmethod
    def _end(self, key: int, outcome: Outcome) -> None:
        """Ends an entry; one that has ended stays as it is."""

    def _register(self) -> WorkerLock:
        """This worker's lock, taken if it is not held yet."""
        if self._lock is None:
            self._lock = WorkerLock(self.plan.directory)
        self._lock.touch()
        return self._lock

    def _heartbeat(self, send: Callable[[int], None]) -> Heartbeat:
        """The heartbeat of a trial that this worker has. A worker that trains keeps no connection in between."""

        def sent(count: int) -> None:
            try:
                send(count)
            finally:
                self._storage.storage.release()

        return Heartbeat(sent, self.lease / HEARTBEATS_PER_LEASE)

    def _send_heartbeat(self, key: int, count: int) -> None:
        """From a thread of its own, and without retries: the next heartbeat is the retry. Raises KeyError if the trial
        is another worker's now, or nobody's."""
        if self._lock is not None:
            self._lock.touch()
        if not self._is_mine(self._storage.storage.get_trial(key)):
            raise KeyError(key)
        self._storage.storage.set_trial_user_attr(key, "beat", count)

    def _is_mine(self, entry: FrozenTrial) -> bool:
        """Whether an entry is still this worker's: a database set back to a backup gives its key to another one."""
        return self._lock is None or owner_of(entry).get("id") == self._lock.id

    def _still_mine(self, key: int) -> bool:
        """As `_is_mine`, of the entry with that key, if there still is one."""
        with contextlib.suppress(KeyError):
            return self._is_mine(self._storage.call(lambda storage: storage.get_trial(key)))
        return False

    def _recover(self) -> E:
        """The entries once superseded ones are ended, stale ones failed, and what ended without an outcome requeued."""
        while True:
            entries = self._read_entries()
            changed = bool(entries.superseded)
            for entry in entries.superseded:
                self._end(entry._trial_id, {"status": DUPLICATE})
            for entry in entries.in_state(TrialState.RUNNING):
                if self._monitor.is_stale(entry):
                    self._fail_stale(entry)
                    changed = True
            for entry in entries.to_requeue():
                self._requeue(entry, deaths(entry) + (outcome_in(entry)["status"] == DIED))
                changed = True
            if not changed:
                return entries

    def _fail_stale(self, entry: FrozenTrial) -> None:
        """Ends a stale entry: with the outcome that its worker had reached, else so that it is requeued, or as failed
        if too many workers died of it."""
        owner, died = owner_of(entry), deaths(entry) + 1
        if outcome := self._known_outcome(entry):
            self._end(entry._trial_id, outcome)
        elif not owner:  # the worker died, or lost the answer, before it began: the trial cannot be the cause
            self._end(entry._trial_id, {"status": RELEASED, "failure": "claimed, but never begun"})
        elif died <= self.plan.sweep.retries:
            self._end(entry._trial_id, {"status": DIED, "failure": f"its worker on {owner['host']} died"})
        else:
            times = "once" if died == 1 else f"{died} times"
            reason = f"its worker died {times} (last on {owner['host']})"
            self._record_failure(entry, reason)
            self._end(entry._trial_id, {"status": "failed", "failure": reason})

    def _set_attribute(self, key: int, name: str, value: object) -> bool:
        """Sets an attribute of an entry; False if it has ended, or is not there any more."""
        with contextlib.suppress(UpdateFinishedTrialError, KeyError):
            self._storage.call(lambda storage: storage.set_trial_user_attr(key, name, value))
            return True
        return False

    def _finish(self, key: int, outcome: Outcome, state: TrialState, values: Sequence[float] | None) -> None:
        """Records how an entry ended, and ends it."""
        if self._set_attribute(key, "outcome", dict(outcome)):
            with contextlib.suppress(UpdateFinishedTrialError, KeyError):
                self._storage.call(lambda storage: storage.set_trial_state_values(key, state, values))
