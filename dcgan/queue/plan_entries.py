"""A queue's entries: what Optuna's trials say of the cells (arm, seed) of a plan.

A cell is entered again after its worker died or was stopped, so it may have several entries. Nobody holds a
lock while entering; instead each entry names the one before it (`after`), and an entry that did not know of the
last valid one is void. Two workers that enter a cell at once thus agree, without another word, on the first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from dcgan.records.run_record import FINAL, RunRecord
from dcgan.study.plan import Plan, Trial

Cell = tuple[str, int]
# How an entry ended, as it stands in the storage: `status`, perhaps `failure`, and of a run some of its record, or all.
Outcome = Mapping[str, Any]

NONE_BEFORE = -1
DIED, RELEASED, TWICE = "died", "released", "entered twice"
_PUT_BACK = {DIED, RELEASED}  # statuses after which a cell is entered anew


@dataclass
class Entries:
    """The valid entries of a plan's cells, the last of each, and those that are void but not ended yet."""

    last: dict[Cell, FrozenTrial] = field(default_factory=dict)
    void: list[FrozenTrial] = field(default_factory=list)

    @classmethod
    def read(cls, trials: Iterable[FrozenTrial], cells: Mapping[Cell, Any]) -> Entries:
        """From Optuna's trials in the order of their numbers; those of other cells are left alone."""
        entries = cls()
        for trial in trials:
            cell = cell_of(trial)
            if cell not in cells:
                continue
            before = entries.last.get(cell)
            if before is not None and _entry(trial).get("after", before.number) != before.number:
                if not trial.state.is_finished():
                    entries.void.append(trial)
                continue
            entries.last[cell] = trial
        return entries

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The entries in that state, in the order of their numbers."""
        return sorted((trial for trial in self.last.values() if trial.state == state), key=lambda trial: trial.number)

    def put_back(self) -> list[FrozenTrial]:
        """The entries that ended without an outcome: their cells are to be entered anew."""
        return [trial for trial in self.last.values() if is_put_back(trial)]

    def settled(self) -> int:
        """How many cells have an outcome."""
        return sum(trial.state.is_finished() and not is_put_back(trial) for trial in self.last.values())


def cell_of(trial: FrozenTrial) -> Cell:
    """Which cell a trial is an entry of."""
    return str(trial.params["arm"]), int(trial.params["seed"])


def outcome_in(trial: FrozenTrial) -> Outcome:
    """How an entry ended, or was about to; `{}` where nothing was said."""
    outcome: Outcome = trial.user_attrs.get("outcome") or {}
    return outcome


def is_put_back(trial: FrozenTrial) -> bool:
    """Whether an entry ended without an outcome of its trial."""
    return trial.state == TrialState.FAIL and outcome_in(trial).get("status") in _PUT_BACK


def deaths(trial: FrozenTrial) -> int:
    """How many workers had died of a cell's trial before this entry, since somebody last asked for it."""
    return int(_entry(trial).get("deaths", 0))


def _entry(trial: FrozenTrial) -> Mapping[str, int]:
    entry: Mapping[str, int] = trial.user_attrs.get("entry") or {}
    return entry


def _distributions(plan: Plan) -> dict[str, BaseDistribution]:
    """What Optuna is told of a trial's parameters."""
    return {
        "arm": CategoricalDistribution([arm.name for arm in plan.arms]),
        "seed": IntDistribution(0, 2**31 - 1),  # not the seeds of today: a study's distributions cannot change
    }


def waiting(plan: Plan, trial: Trial, before: FrozenTrial | None, died: int) -> FrozenTrial:
    """An entry for a trial that is to be trained."""
    return create_trial(
        state=TrialState.WAITING,
        params={"arm": trial.arm, "seed": trial.seed},
        distributions=_distributions(plan),
        user_attrs={"run": trial.run, "entry": {"after": _number(before), "deaths": died}},
    )


def over(plan: Plan, trial: Trial, before: FrozenTrial | None, record: RunRecord, *, whole: bool) -> FrozenTrial:
    """An entry for a trial that was trained already, by another study or before this queue was made.

    `whole`: with its whole record, for machines that do not have the run's folder.
    """
    outcome = record.to_json()
    state = state_of(outcome, plan)
    return create_trial(
        state=state,
        value=value_of(outcome, plan) if state == TrialState.COMPLETE else None,
        params={"arm": trial.arm, "seed": trial.seed},
        distributions=_distributions(plan),
        user_attrs={
            "run": trial.run,
            "entry": {"after": _number(before)},
            "outcome": {**(outcome if whole else shown(outcome)), "reused": True},
        },
    )


def _number(before: FrozenTrial | None) -> int:
    return NONE_BEFORE if before is None else before.number


def shown(outcome: Outcome) -> dict[str, Any]:
    """What optuna-dashboard shows of how a trial ended; one attribute, since a database keeps a row for each."""
    kept = ("status", "failure", "seconds", "scores")
    return {key: outcome[key] for key in kept if outcome.get(key) is not None}


def value_of(outcome: Outcome, plan: Plan) -> float:
    """The metric of a finished run; NaN where it has none."""
    value = (outcome.get("scores") or {}).get(plan.sweep.metric)
    return math.nan if value is None else float(value)


def state_of(outcome: Outcome, plan: Plan) -> TrialState:
    """Finished is COMPLETE (unless the metric is not a number, which Optuna cannot hold); all else is FAIL
    or PRUNED."""
    if outcome["status"] == "pruned":
        return TrialState.PRUNED
    complete = outcome["status"] == "finished" and not math.isnan(value_of(outcome, plan))
    return TrialState.COMPLETE if complete else TrialState.FAIL


def is_over(outcome: Outcome) -> bool:
    """Whether a run that ended so is not trained again."""
    return outcome.get("status") in FINAL
