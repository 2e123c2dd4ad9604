"""The door through which everything that is read from a storage comes: checked once, and told where it is damaged."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Container, Iterator
from typing import Any

from optuna.exceptions import OptunaError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.errors import DcganError
from dcgan.common.messages import say_once
from dcgan.queue.stored_values import UNKNOWN, are_numbers, is_seed, shown, unsound

BROKEN = "broken"  # an attribute of what stands for a trial whose rows are damaged
_TOLD = 5  # damaged trials of a study that are named one by one
# What a value that nobody of this program wrote makes of Optuna where it is read; none is a refusal.
_DAMAGE = (ValueError, TypeError, AttributeError, AssertionError, LookupError, RecursionError, ArithmeticError)


class CheckedReads(BaseStorage):
    """Stands before a storage of Optuna's in the order of base classes: what its readers see is sound.

    Trials and attributes that are not are given out as they would be without what is damaged: Optuna's own samplers
    read through here, too. What cannot be read at all is a DcganError.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # By study and number: as stored, as given out. Threads that check the same one at once come to the same.
        self._checked: dict[tuple[int, int], tuple[FrozenTrial, FrozenTrial]] = {}
        self._damaged: dict[int, int] = {}  # by study: trials that were told of
        super().__init__(*arguments, **options)

    def release(self) -> None:
        """Gives back what a server holds for this process until it is needed again; files and proxies hold nothing."""

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """See BaseStorage. Of what is damaged, who reads all trials is told."""
        with _reading():
            stored = super().get_trial(trial_id)  # type: ignore[safe-super]
        return _repaired(stored)[0]

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """See BaseStorage."""
        with _reading():
            stored = super().get_all_trials(study_id, deepcopy=False)  # type: ignore[safe-super]
        trials = [self._sound(study_id, trial) for trial in stored]
        trials = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """See BaseStorage."""
        with _reading():
            stored = super().get_study_user_attrs(study_id)  # type: ignore[safe-super]
        return self._sound_attributes(study_id, stored)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """See BaseStorage."""
        with _reading():
            return super().get_study_system_attrs(study_id)  # type: ignore[safe-super]

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """See BaseStorage."""
        with _reading():
            return super().get_study_directions(study_id)  # type: ignore[safe-super]

    def get_all_studies(self) -> list[FrozenStudy]:
        """See BaseStorage."""
        with _reading():
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
        before = self._checked.get((study_id, trial.number))
        if before is not None and before[0] is trial:
            return before[1]
        sound, wrong = _repaired(trial)
        if wrong:
            self._tell_of_trial(study_id, trial, wrong)
        self._checked[study_id, trial.number] = trial, sound
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


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Around Optuna's own reading alone, so that no fault of this program's is taken for the storage's."""
    try:
        yield
    except (DcganError, OptunaError, KeyError):  # KeyError: there is no such study or trial
        raise
    except _DAMAGE as error:
        what = str(error).partition("\n")[0]
        raise DcganError(
            f"the storage is damaged ({type(error).__name__}: {what}): give the study another name, study=NAME-2: its "
            "runs are found again by their ids, and none is trained twice"
        ) from error


def _repaired(trial: FrozenTrial) -> tuple[FrozenTrial, str | None]:
    """The trial without what is damaged in it, and the first of that, in words; the trial itself where nothing is."""
    wrong = set(unsound(trial.user_attrs))
    odd = None if are_numbers(trial.values) else f"its value is {shown(trial.values)}"
    odd = "its rows are damaged" if BROKEN in trial.user_attrs else odd
    if not is_seed(trial.params.get("seed", 0)):
        odd = f"its seed is {shown(trial.params['seed'])}"
    told = [f"its '{name}' is {shown(trial.user_attrs[name])}" for name in sorted(wrong)] + ([odd] if odd else [])
    if not told:
        return trial, None
    sound = copy.copy(trial)
    sound.user_attrs = {name: value for name, value in trial.user_attrs.items() if name not in wrong}
    if "outcome" in wrong and trial.state.is_finished():
        sound.user_attrs["outcome"] = {"status": UNKNOWN}
    if not is_seed(trial.params.get("seed", 0)):
        sound.params = {}  # of no trial of the study
    if odd or ("outcome" in wrong and trial.state.is_finished()):
        sound.values, sound.state = None, TrialState.FAIL
    return sound, told[0]
