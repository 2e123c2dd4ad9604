"""The queue of a search for a worker that is told which combination to train, as the agent of a W&B sweep is.

Such a combination joins the others of the search: the sampler learns from it, it is given to another worker when this
one dies, and the best of all are confirmed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.files import locked
from dcgan.queue import study_record
from dcgan.queue.search_entries import arm_name, combination_of, status
from dcgan.queue.search_queue import SearchQueue
from dcgan.records.growth import Growth
from dcgan.sweeps.search_space import levels_of


class CombinationQueue(SearchQueue):
    """A search's queue in which a worker takes combinations by name. Between two of them `claim` gives nothing."""

    def publish(self) -> None:
        """Makes the plan known to workers elsewhere, and the baseline the first combination whoever asks."""
        if self._remote:
            study_record.publish(self._storage, self._key, self.plan)
        self.arm_of({axis.name: axis.start for axis in self._space})

    def arm_of(self, drawn: Mapping[str, Any]) -> str:
        """The combination of those values, by factor; it is entered if nobody asked for it before.

        Raises Misuse for one that cannot be.
        """
        levels = levels_of(self._space, drawn)
        with locked(self.plan.directory / ".entering", wait=True):
            if (number := self._recover().number_with(levels)) is None:
                self.plan.with_growth(Growth({"asked": levels}))
                self._storage.call(lambda _: self._study.enqueue_trial(dict(drawn), user_attrs={"levels": levels}))
                number = self._recover().number_with(levels)
        assert number is not None  # noqa: S101 - it was entered
        self.collect()
        return arm_name(number)

    def take(self, arm: str) -> bool:
        """Makes that combination this worker's, until its last seed has ended, whether it waits or failed before.

        False while another worker has it, and where it is over.
        """
        entry = self._entry_of(arm)
        if status(entry) == "failed":
            self._requeue(entry, 0)
            entry = self._entry_of(arm)
        return entry.state == TrialState.WAITING and self._take(entry)

    def take_abandoned(self) -> bool:
        """As `take`, any combination that another worker had and did not end, because it died or was stopped."""
        waiting = self._recover().in_state(TrialState.WAITING)
        return any(self._take(entry) for entry in waiting if "after" in (entry.user_attrs.get("entry") or {}))

    def is_over(self, arm: str) -> bool:
        """Whether no further seed of that combination is trained, unless it is asked for again after a failure."""
        return self._entry_of(arm).state.is_finished()

    @property
    def is_working(self) -> bool:
        """Whether this worker has a combination."""
        return self._current is not None

    def _entry_of(self, arm: str) -> FrozenTrial:
        return next(entry for number, entry in self._recover().last.items() if arm_name(number) == arm)

    def _take(self, entry: FrozenTrial) -> bool:
        """Claims a waiting entry, as `ask` does with the first one; False if another worker did."""
        lock, key = self._register(), entry._trial_id
        with contextlib.suppress(UpdateFinishedTrialError):
            if self._storage.call(lambda storage: storage.set_trial_state_values(key, TrialState.RUNNING)):
                self._set_attribute(key, "owner", lock.identity)
                trial = self._storage.call(lambda _: self._trial(key))
                self._current = self._begin(trial, arm_name(combination_of(entry)))
        return self.is_working

    def _trial(self, key: int) -> optuna.trial.Trial:
        trial = optuna.trial.Trial(self._study, key)
        for axis in self._space:
            trial._suggest(axis.name, axis.distribution)
        return trial

    def _claim_next(self) -> None:
        """Nothing: combinations are taken one by one."""
        return
