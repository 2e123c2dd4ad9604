"""A queue's entries: what Optuna's trials say of the cells (arm, seed) of a plan.

A cell is entered again after its worker died or was stopped, so it may have several entries. No lock is held while a
cell is entered. Instead each entry names the one before it (`after`), and an entry that does not name the last valid
one is superseded by it. So two workers that enter a cell at once agree on the first of the two entries.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from dcgan.queue.stored_values import UNKNOWN
from dcgan.records.run_record import FINAL, RunRecord
from dcgan.study.plan import Plan, Trial

Cell = tuple[str, int]
# How an entry ended, as it stands in the storage: `status`, perhaps `failure`, and of a run some of its record, or all.
Outcome = Mapping[str, Any]

NONE_BEFORE = -1
DIED, RELEASED, DUPLICATE = "died", "released", "entered twice"
_WITHOUT_OUTCOME = {DIED, RELEASED, UNKNOWN}  # statuses after which a cell is requeued


@dataclass
class PlanEntries:
    """The last valid entry of each cell of a plan, and the superseded entries that have not ended yet."""

    last: dict[Cell, FrozenTrial] = field(default_factory=dict)
    superseded: list[FrozenTrial] = field(default_factory=list)

    @classmethod
    def read(cls, trials: Iterable[FrozenTrial], cells: Mapping[Cell, Any]) -> PlanEntries:
        """From Optuna's trials in the order of their numbers; trials of other cells are ignored."""
        entries = cls()
        for trial in trials:
            if not {"arm", "seed"} <= trial.params.keys() or (cell := cell_of(trial)) not in cells:
                continue
            before = entries.last.get(cell)
            if before is not None and _entry(trial).get("after", before.number) != before.number:
                if not trial.state.is_finished():
                    entries.superseded.append(trial)
                continue
            entries.last[cell] = trial
        return entries

    def in_state(self, state: TrialState) -> list[FrozenTrial]:
        """The entries in that state, in the order of their numbers."""
        return sorted((trial for trial in self.last.values() if trial.state == state), key=lambda trial: trial.number)

    def to_requeue(self) -> list[FrozenTrial]:
        """The entries that ended without an outcome: their cells are to be requeued."""
        return [trial for trial in self.last.values() if needs_requeue(trial)]

    def settled(self) -> int:
        """How many cells have an outcome."""
        return sum(trial.state.is_finished() and not needs_requeue(trial) for trial in self.last.values())


def cell_of(trial: FrozenTrial) -> Cell:
    """Which cell a trial is an entry of."""
    return str(trial.params["arm"]), int(trial.params["seed"])


def outcome_in(trial: FrozenTrial) -> Outcome:
    """How an entry ended, or was about to; `{}` if nothing was recorded."""
    outcome: Outcome = trial.user_attrs.get("outcome") or {}
    return outcome


def needs_requeue(trial: FrozenTrial) -> bool:
    """Whether an entry ended without an outcome of its trial."""
    return trial.state == TrialState.FAIL and outcome_in(trial).get("status") in _WITHOUT_OUTCOME


def deaths(trial: FrozenTrial) -> int:
    """How many workers had died of a cell's trial before this entry, since a user last asked for it."""
    return int(_entry(trial).get("deaths", 0))


def is_requeued(trial: FrozenTrial) -> bool:
    """Whether an entry was made because the one before it in its cell had ended without an outcome."""
    return _entry(trial).get("after", NONE_BEFORE) != NONE_BEFORE


def _entry(trial: FrozenTrial) -> Mapping[str, int]:
    entry: Mapping[str, int] = trial.user_attrs.get("entry") or {}
    return entry


def _distributions(plan: Plan) -> dict[str, BaseDistribution]:
    """The distributions of a trial's parameters, for Optuna."""
    return {
        "arm": CategoricalDistribution([arm.name for arm in plan.arms]),
        "seed": IntDistribution(0, 2**31 - 1),  # not the seeds of today: a study's distributions cannot change
    }


def waiting_entry(plan: Plan, trial: Trial, before: FrozenTrial | None, died: int) -> FrozenTrial:
    """An entry for a trial that is to be trained."""
    return create_trial(
        state=TrialState.WAITING,
        params={"arm": trial.arm, "seed": trial.seed},
        distributions=_distributions(plan),
        user_attrs={"run": trial.run, "entry": {"after": _number_of(before), "deaths": died}},
    )


def finished_entry(
    plan: Plan, trial: Trial, before: FrozenTrial | None, record: RunRecord, *, whole: bool
) -> FrozenTrial:
    """An entry for a trial that was trained already, by another study or before this queue was made.

    `whole`: with its whole record, for machines that do not have the run's directory.
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
            "entry": {"after": _number_of(before)},
            "outcome": {**(outcome if whole else summary(outcome)), "reused": True},
        },
    )


def _number_of(before: FrozenTrial | None) -> int:
    return NONE_BEFORE if before is None else before.number


def summary(outcome: Outcome) -> dict[str, Any]:
    """The part of an outcome that optuna-dashboard shows; one attribute, since a database keeps a row for each."""
    keys = ("status", "failure", "seconds", "scores")
    return {key: outcome[key] for key in keys if outcome.get(key) is not None}


def value_of(outcome: Outcome, plan: Plan) -> float:
    """The metric of a finished run; NaN where it has none."""
    value = (outcome.get("scores") or {}).get(plan.sweep.metric)
    return math.nan if value is None else float(value)


def state_of(outcome: Outcome, plan: Plan) -> TrialState:
    """Optuna's state for an outcome: a finished run is COMPLETE, unless its metric is not a number, which Optuna cannot
    hold; all else is FAIL or PRUNED."""
    if outcome["status"] == "pruned":
        return TrialState.PRUNED
    complete = outcome["status"] == "finished" and not math.isnan(value_of(outcome, plan))
    return TrialState.COMPLETE if complete else TrialState.FAIL


def is_over(outcome: Outcome) -> bool:
    """Whether a run that ended so is not trained again."""
    return outcome.get("status") in FINAL
