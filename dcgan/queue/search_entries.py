"""What Optuna's trials say of a search's combinations.

A combination is asked once, and requeued with the same parameters after its worker died or was stopped. Each such entry
names the combination (`of`, the number of its first entry) and the entry before it (`after`). An entry that does not
name the last valid one is superseded by it, so that two workers that enter at once agree on the first entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from dcgan.queue.plan_entries import needs_requeue, outcome_in

REFUSED, BEYOND = "refused", "beyond the budget"
GIVEN_UP = ("pruned", "diverged", "failed")


@dataclass
class SearchEntries:
    """The last valid entry of each combination, by the number of its first one, and the superseded entries that have
    not ended yet."""

    last: dict[int, FrozenTrial] = field(default_factory=dict)
    levels: dict[int, Mapping[str, str]] = field(default_factory=dict)
    superseded: list[FrozenTrial] = field(default_factory=list)

    @classmethod
    def read(cls, trials: Iterable[FrozenTrial]) -> SearchEntries:
        """From Optuna's trials in the order of their numbers."""
        entries = cls()
        for trial in trials:
            number = combination_of(trial)
            before = entries.last.get(number)
            if before is not None and before.number != (trial.user_attrs.get("entry") or {}).get("after"):
                if not trial.state.is_finished():
                    entries.superseded.append(trial)
                continue
            entries.last[number] = trial
            if levels := trial.user_attrs.get("levels"):
                entries.levels[number] = levels
        return entries

    def number_of(self, entry: int) -> int | None:
        """The combination whose last valid entry has that number; None if there is none."""
        return next((number for number, trial in self.last.items() if trial.number == entry), None)

    def number_with(self, levels: Mapping[str, str]) -> int | None:
        """The first combination of those levels; None if nobody asked for it."""
        return next((number for number in sorted(self.levels) if self.levels[number] == levels), None)

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The last entries in that state, in the order of their combinations."""
        return [trial for trial in self.last.values() if trial.state == state]

    def to_requeue(self) -> list[FrozenTrial]:
        """The last entries that ended without an outcome: their combinations are to be requeued."""
        return [trial for trial in self.last.values() if needs_requeue(trial)]

    def arms(self) -> dict[str, Mapping[str, str]]:
        """The levels of the valid combinations, by name, in the order in which they were asked."""
        return {arm_name(number): self.levels[number] for number in self.last if number in self.levels}

    def over(self) -> frozenset[str]:
        """The names of the combinations of which no further run is made."""
        given_up = (number for number, trial in self.last.items() if status(trial) in GIVEN_UP)
        return frozenset(arm_name(number) for number in given_up if number in self.levels)

    def refusals(self) -> tuple[str, ...]:
        """Why combinations that were asked were refused."""
        return tuple(str(outcome_in(trial)["failure"]) for trial in self.last.values() if status(trial) == REFUSED)

    def spent(self, trials: int, before: int | None = None) -> int:
        """How much of a budget of so many trials is used, by the combinations before the number `before` or by all.

        A refused combination costs nothing until as many were refused as the budget has trials; then each further one
        costs one, so that a search ends in a space of which most is refused. What the combinations before a number cost
        never grows later, so that a combination that was within the budget once stays within it.
        """
        asked = [trial for number, trial in self.last.items() if before is None or number < before]
        refused = sum(status(trial) == REFUSED for trial in asked)
        beyond = sum(status(trial) == BEYOND for trial in asked)
        return len(asked) - beyond - refused + max(0, refused - trials)


def combination_of(trial: FrozenTrial) -> int:
    """The number of the first entry of a trial's combination."""
    return int((trial.user_attrs.get("entry") or {}).get("of", trial.number))


def attributes_after(trial: FrozenTrial, died: int) -> dict[str, Any]:
    """The attributes of the entry that requeues that one; `died` workers have died of the combination."""
    entry = {"of": combination_of(trial), "after": trial.number, "deaths": died}
    levels = trial.user_attrs.get("levels")
    return {"entry": entry, **({"levels": levels} if levels else {})}


def status(trial: FrozenTrial) -> str | None:
    """The status with which an entry ended; None while it has not."""
    return outcome_in(trial).get("status") if trial.state.is_finished() else None


def arm_name(number: int) -> str:
    """The name of a combination in tables: `s007`."""
    return f"s{number:03d}"
