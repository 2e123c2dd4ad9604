"""What Optuna's trials say of a search's combinations.

A combination is asked once, and entered again with the same parameters after its worker died or was stopped; each such
entry names the combination (`of`, the number of its first entry) and the entry before it. One that did not know of the
last valid entry is void, so that two who enter at once agree on the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from dcgan.queue.plan_entries import is_put_back, outcome_in

REFUSED, BEYOND = "refused", "beyond the budget"
GIVEN_UP = ("pruned", "diverged", "failed")


@dataclass
class Combinations:
    """The last valid entry of each combination by the number of its first, and void entries that have not ended."""

    last: dict[int, FrozenTrial] = field(default_factory=dict)
    levels: dict[int, Mapping[str, str]] = field(default_factory=dict)
    void: list[FrozenTrial] = field(default_factory=list)

    @classmethod
    def read(cls, trials: Iterable[FrozenTrial]) -> Combinations:
        """From Optuna's trials in the order of their numbers."""
        found = cls()
        for trial in trials:
            number = combination_of(trial)
            before = found.last.get(number)
            if before is not None and before.number != trial.user_attrs["entry"]["after"]:
                if not trial.state.is_finished():
                    found.void.append(trial)
                continue
            found.last[number] = trial
            if levels := trial.user_attrs.get("levels"):
                found.levels[number] = levels
        return found

    def number_of(self, entry: int) -> int | None:
        """The combination that an entry is the last valid one of; None if it is of none."""
        return next((number for number, trial in self.last.items() if trial.number == entry), None)

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The last entries in that state, in the order of their combinations."""
        return [trial for trial in self.last.values() if trial.state == state]

    def put_back(self) -> list[FrozenTrial]:
        """The last entries that ended without an outcome: their combinations are to be entered again."""
        return [trial for trial in self.last.values() if is_put_back(trial)]

    def arms(self) -> dict[str, Mapping[str, str]]:
        """The levels of the combinations that can be, by name, in the order in which they were asked."""
        return {arm_name(number): self.levels[number] for number in self.last if number in self.levels}

    def over(self) -> frozenset[str]:
        """The names of the combinations that no further run is made of."""
        given_up = (number for number, trial in self.last.items() if status(trial) in GIVEN_UP)
        return frozenset(arm_name(number) for number in given_up if number in self.levels)

    def refusals(self) -> tuple[str, ...]:
        """Why combinations that were asked cannot be."""
        return tuple(str(outcome_in(trial)["failure"]) for trial in self.last.values() if status(trial) == REFUSED)

    def spent(self, trials: int, before: int | None = None) -> int:
        """How much of a budget of so many trials is used, by the combinations before one or by all.

        One that cannot be costs nothing, until as many as the budget were asked: a space of which little can be ends
        the search. The number before a combination never grows again, so that whoever is within the budget once is.
        """
        asked = [trial for number, trial in self.last.items() if before is None or number < before]
        refused = sum(status(trial) == REFUSED for trial in asked)
        void = sum(status(trial) == BEYOND for trial in asked)
        return len(asked) - void - refused + max(0, refused - trials)


def combination_of(trial: FrozenTrial) -> int:
    """The number of the first entry of a trial's combination."""
    return int((trial.user_attrs.get("entry") or {}).get("of", trial.number))


def again(trial: FrozenTrial, died: int) -> dict[str, Any]:
    """The attributes of an entry that goes on after that one."""
    entry = {"of": combination_of(trial), "after": trial.number, "deaths": died}
    levels = trial.user_attrs.get("levels")
    return {"entry": entry, **({"levels": levels} if levels else {})}


def status(trial: FrozenTrial) -> str | None:
    """How an entry ended, in a word; None while it has not."""
    return outcome_in(trial).get("status") if trial.state.is_finished() else None


def arm_name(number: int) -> str:
    """What a combination is called in tables: `s007`."""
    return f"s{number:03d}"
