"""The door through which everything that is read from a storage comes: checked once, and told where it is damaged."""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import Any

from optuna.storages import BaseStorage
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.messages import say_once
from dcgan.queue.stored_values import UNKNOWN, are_numbers, shown, unsound

BROKEN = "broken"  # an attribute of what stands for a trial whose rows are damaged
_TOLD = 5  # damaged trials of a study that are named one by one


class CheckedReads(BaseStorage):
    """Stands before a storage of Optuna's in the order of base classes: what its readers see is sound.

    Trials and attributes that are not are given out as they would be without what is damaged: Optuna's own samplers
    read through here, too.
    """

    _checked: dict[tuple[int, int], tuple[FrozenTrial, FrozenTrial]]  # by study and number: as stored, as given out
    _damaged: dict[int, int]  # by study: trials that were told of

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """See BaseStorage."""
        stored = super().get_all_trials(study_id, deepcopy=False)  # type: ignore[safe-super]
        trials = [self._sound(study_id, trial) for trial in stored]
        trials = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """See BaseStorage."""
        stored = super().get_study_user_attrs(study_id)  # type: ignore[safe-super]
        return self._sound_attributes(study_id, stored)

    def get_all_studies(self) -> list[FrozenStudy]:
        """See BaseStorage."""
        studies = super().get_all_studies()  # type: ignore[safe-super]
        for study in studies:
            study.user_attrs = self._sound_attributes(study._study_id, study.user_attrs)
        return studies

    def _sound_attributes(self, study_id: int, stored: dict[str, Any]) -> dict[str, Any]:
        wrong = set(unsound(stored, of_study=True))
        for name in sorted(wrong):
            self._tell(study_id, f"its '{name}' is {shown(stored[name])}")
        return {name: value for name, value in stored.items() if name not in wrong}

    def _sound(self, study_id: int, trial: FrozenTrial) -> FrozenTrial:
        if "_checked" not in vars(self):
            self._checked, self._damaged = {}, {}
        before = self._checked.get((study_id, trial.number))
        if before is not None and before[0] is trial:
            return before[1]
        sound = self._repaired(study_id, trial)
        self._checked[study_id, trial.number] = trial, sound
        return sound

    def _repaired(self, study_id: int, trial: FrozenTrial) -> FrozenTrial:
        wrong = set(unsound(trial.user_attrs))
        odd = None if are_numbers(trial.values) else f"its value is {shown(trial.values)}"
        odd = "its rows are damaged" if BROKEN in trial.user_attrs else odd
        told = [f"its '{name}' is {shown(trial.user_attrs[name])}" for name in sorted(wrong)] + ([odd] if odd else [])
        if not told:
            return trial
        self._tell_of_trial(study_id, trial, told[0])
        sound = copy.copy(trial)
        sound.user_attrs = {name: value for name, value in trial.user_attrs.items() if name not in wrong}
        if "outcome" in wrong and trial.state.is_finished():
            sound.user_attrs["outcome"] = {"status": UNKNOWN}
        if odd or ("outcome" in wrong and trial.state.is_finished()):
            sound.values, sound.state = None, TrialState.FAIL
        return sound

    def _tell_of_trial(self, study_id: int, trial: FrozenTrial, what: str) -> None:
        count = self._damaged[study_id] = self._damaged.get(study_id, 0) + 1
        if count <= _TOLD:
            self._tell(study_id, f"of trial {trial.number}, {what}")
        elif count == _TOLD + 1:
            self._tell(study_id, "and of more trials")

    def _tell(self, study_id: int, what: str) -> None:
        say_once(
            f"note: the storage's study '{self.get_study_name_from_id(study_id)}' is damaged: {what}; it is left out, "
            "and what hung on it is done again"
        )
