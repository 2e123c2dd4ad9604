"""What every queue does with Optuna's entries, whatever they are entries of: leases, burials, entering anew."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from dcgan.queue import study_record
from dcgan.queue.heartbeat import Owner, Watch, owner_of
from dcgan.queue.plan_entries import DIED, RELEASED, TWICE, Outcome, deaths, outcome_in
from dcgan.queue.retry import Patient
from dcgan.queue.storage import open_storage
from dcgan.queue.study_extractor import Extractors
from dcgan.study.plan import Plan

BEATS = 4  # a lease


class Found(Protocol):
    """The entries of a storage, read."""

    void: list[FrozenTrial]

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The valid ones in that state."""

    def put_back(self) -> list[FrozenTrial]:
        """Those that ended without an outcome."""


F = TypeVar("F", bound=Found)


class Desk(ABC, Generic[F]):
    """A worker's place at a storage: `plan`'s study in it, who else lives, and what follows from a death."""

    def __init__(self, plan: Plan, url: str | None, stop: Callable[[], bool]) -> None:
        self.plan = plan
        self._elsewhere = url is not None  # whether there may be workers that do not share this folder
        self._storage = Patient(open_storage(plan.directory, url, stop), stop)
        self._key, self.lease = study_record.enter(self._storage, plan)
        self._watch = Watch(plan.directory, self.lease)
        self._owner: Owner | None = None
        self.extractors = Extractors(plan, self._storage if self._elsewhere else None)

    def close(self) -> None:
        """Leaves the queue; the process may go on."""
        if self._owner is not None:
            self._owner.close()
        self._owner = None

    def check_data(self, fingerprints: dict[str, str]) -> None:
        """Raises Misuse if this is not the version, or these are not the data, that the study was planned with."""
        study_record.check(self._storage, self._key, self.plan, fingerprints)

    def state_data(self, fingerprints: dict[str, str]) -> None:
        """Says which version and which data the study is planned with; raises Misuse for others than it began with."""
        study_record.state(self._storage, self._key, self.plan, fingerprints)

    @abstractmethod
    def _look(self) -> F:
        """What stands in the storage now; the watch takes note of who said something."""

    @abstractmethod
    def _enter_again(self, trial: FrozenTrial, died: int) -> None:
        """Lets a successor have what an entry was for, of which so many workers died."""

    @abstractmethod
    def _ended(self, trial: FrozenTrial) -> Outcome | None:
        """How the entry of a dead worker ended after all, if it did."""

    @abstractmethod
    def _give_up(self, trial: FrozenTrial, reason: str) -> None:
        """Records that an entry's run failed: too many workers died of it."""

    @abstractmethod
    def _end(self, key: int, outcome: Outcome) -> None:
        """Ends an entry; one that has ended stays as it is."""

    def _signed_in(self) -> Owner:
        """This worker as others see it; it says "alive"."""
        if self._owner is None:
            self._owner = Owner(self.plan.directory)
        self._owner.report()
        return self._owner

    def _beat(self, key: int, count: int) -> None:
        """From a thread of its own, and not patient: whoever is away tries again at the next beat."""
        if self._owner is not None:
            self._owner.report()
        self._storage.storage.set_trial_user_attr(key, "beat", count)

    def _tidied(self) -> F:
        """What stands in the storage once the dead are buried and what they had is entered anew."""
        while True:
            found = self._look()
            changed = bool(found.void)
            for trial in found.void:
                self._end(trial._trial_id, {"status": TWICE})
            for trial in found.in_state(TrialState.RUNNING):
                if self._watch.is_abandoned(trial):
                    self._bury(trial)
                    changed = True
            for trial in found.put_back():
                self._enter_again(trial, deaths(trial) + (outcome_in(trial)["status"] == DIED))
                changed = True
            if not changed:
                return found

    def _bury(self, trial: FrozenTrial) -> None:
        """Ends the entry of a dead worker: as it was about to itself, else for a successor or, if too many died,
        for good."""
        owner, died = owner_of(trial), deaths(trial) + 1
        if ended := self._ended(trial):
            self._end(trial._trial_id, ended)
        elif not owner:  # died, or lost the answer, before it began: nothing that the trial could have caused
            self._end(trial._trial_id, {"status": RELEASED, "failure": "claimed, but never begun"})
        elif died <= self.plan.sweep.retries:
            self._end(trial._trial_id, {"status": DIED, "failure": f"its worker on {owner['host']} died"})
        else:
            times = "once" if died == 1 else f"{died} times"
            reason = f"its worker died {times} (last on {owner['host']})"
            self._give_up(trial, reason)
            self._end(trial._trial_id, {"status": "failed", "failure": reason})

    def _note(self, key: int, name: str, value: object) -> bool:
        """Sets an attribute of an entry; False if it has ended."""
        with contextlib.suppress(UpdateFinishedTrialError):
            self._storage.ask(lambda storage: storage.set_trial_user_attr(key, name, value))
            return True
        return False

    def _finish(self, key: int, outcome: Outcome, state: TrialState, values: Sequence[float] | None) -> None:
        """Says how an entry ended, and ends it."""
        if self._note(key, "outcome", dict(outcome)):
            with contextlib.suppress(UpdateFinishedTrialError):
                self._storage.ask(lambda storage: storage.set_trial_state_values(key, state, values))
