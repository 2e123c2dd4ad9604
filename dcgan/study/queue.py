"""The queue: an Optuna study in which every trial of a plan is claimed once, and again only when its worker
died.

The run directories are the truth and the queue can be made again from them. Optuna's storage keeps who is at
what; `studies/NAME/claims/NUMBER` is locked by the worker that has trial NUMBER, and the operating system
lets that lock go when the worker dies. So a running trial whose claim is free is nobody's, at once and for
certain.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState, create_trial

from dcgan.errors import Misuse
from dcgan.files import locked
from dcgan.study.outcome import Outcome
from dcgan.study.plan import Plan, Trial
from dcgan.study.storage import open_storage
from dcgan.tracking.directory import FINAL

Cell = tuple[str, int]

_DIED = "its worker died"
RETRIES = 3  # a trial that takes its worker down so often (out of memory, most likely) is not offered again


@dataclass(frozen=True)
class Claim:
    """A trial that this process has, until it settles it or dies."""

    number: int
    trial: Trial


class Queue:
    """The trials of a plan as an Optuna study, shared by any number of processes."""

    def __init__(self, plan: Plan, url: str | None = None) -> None:
        self.plan = plan
        self._by_cell = {(trial.arm, trial.seed): trial for trial in plan.trials}
        self._storage = open_storage(plan.directory, url)
        self._distributions = {
            "arm": CategoricalDistribution([arm.name for arm in plan.arms]),
            "seed": IntDistribution(0, 2**31 - 1),  # not the seeds of today: a study's distributions cannot change
        }
        with self._lock():
            self._study = self._open()

    def fill(self, outcome_of: Callable[[Trial], Outcome | None]) -> int:
        """Puts every trial that is still to be done into the queue, once; returns how many wait now.

        `outcome_of` gives a trial's run.json, or None for a run that never began. A run that another study
        finished is entered as done; one that failed waits again; a finished one whose run directory is gone,
        too.
        """
        with self._lock():
            self._reap()
            latest = {_cell(trial): trial for trial in self._planned()}
            for cell, trial in self._by_cell.items():
                known = latest.get(cell)
                if known is not None and not known.state.is_finished():
                    continue
                outcome = outcome_of(trial) or {"status": "planned"}
                settled = outcome["status"] in FINAL
                if not settled:
                    self._add(trial, TrialState.WAITING)
                elif known is None or known.user_attrs.get("status") != outcome["status"]:
                    self._add(trial, _state(outcome, self.plan), outcome)
            return sum(trial.state == TrialState.WAITING for trial in self._planned())

    @contextlib.contextmanager
    def claim(self) -> Iterator[Claim | None]:
        """The next trial in the plan's order, held for the block; None when nothing waits."""
        with contextlib.ExitStack() as held:
            with self._lock():
                self._reap()
                claim = self._pop(held)
            yield claim

    def others_busy(self) -> bool:
        """Whether another worker is at a trial that this one would have to take over if that worker died."""
        return any(trial.state == TrialState.RUNNING and self._is_judged(trial) for trial in self._planned())

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Enters how a claimed trial ended."""
        with self._lock():
            frozen = self._trials()[claim.number]
            if frozen.state.is_finished():  # its worker was taken for dead; the run directory has the result
                return
            self._note(claim.number, outcome)
            state = _state(outcome, self.plan)
            values = [_value(outcome, self.plan)] if state == TrialState.COMPLETE else None
            self._storage.set_trial_state_values(frozen._trial_id, state, values)
            self._claim_file(claim.number).unlink(missing_ok=True)

    def release(self, claim: Claim) -> None:
        """Puts a claimed trial back, for whoever comes next: its worker was asked to stop."""
        with self._lock():
            self._put_back(self._trials()[claim.number], "stopped on request")

    def _lock(self) -> contextlib.AbstractContextManager[bool]:
        return locked(self.plan.directory / ".lock", wait=True)

    def _claim_file(self, number: int) -> Path:
        return self.plan.directory / "claims" / str(number)

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _planned(self) -> list[FrozenTrial]:
        return [trial for trial in self._trials() if _cell(trial) in self._by_cell]

    def _open(self) -> optuna.Study:
        """The Optuna study of that name; another plan's is replaced if nothing of it was begun, else
        refused."""
        identity = hashlib.sha256(json.dumps(self._identity()).encode()).hexdigest()[:12]
        study = self._create()
        written = study.user_attrs.get("plan")
        if written is not None and written != identity:
            if any(trial.state != TrialState.WAITING for trial in study.get_trials(deepcopy=False)):
                raise Misuse(
                    f"the storage has a study '{self.plan.study}' with other arms or another experiment: "
                    f"name this one anew, study={self.plan.study}-2"
                )
            optuna.delete_study(study_name=self.plan.study, storage=self._storage)
            study, written = self._create(), None
        if written is None:
            study.set_user_attr("plan", identity)
        return study

    def _create(self) -> optuna.Study:
        return optuna.create_study(
            storage=self._storage,
            study_name=self.plan.study,
            direction=self.plan.sweep.goal,
            sampler=optuna.samplers.RandomSampler(seed=0),  # never asked: every trial is entered with its parameters
            pruner=optuna.pruners.NopPruner(),
            load_if_exists=True,
        )

    def _identity(self) -> list[Any]:
        """What makes two plans the same study: the metric, and each arm's experiment, whatever the seeds."""
        experiments = {trial.arm: trial.experiment for trial in self.plan.trials}
        ids = {arm.name: experiments[arm.name].with_({"seed": 0}).id for arm in self.plan.arms}
        return [self.plan.sweep.metric, ids]

    def _add(self, trial: Trial, state: TrialState, outcome: Outcome | None = None) -> None:
        complete = state == TrialState.COMPLETE
        self._study.add_trial(
            create_trial(
                state=state,
                value=_value(outcome, self.plan) if outcome and complete else None,
                params={"arm": trial.arm, "seed": trial.seed},
                distributions=self._distributions,
                user_attrs={"run": trial.run, **_attributes(outcome or {})},
            )
        )

    def _pop(self, held: contextlib.ExitStack) -> Claim | None:
        """Claims the waiting trial that comes first in the plan; those of seeds no longer planned are left.

        The claim is locked before the trial is called running, so that there is no moment at which a worker
        could die and leave a trial that looks alive.
        """
        waiting = [trial for trial in self._planned() if trial.state == TrialState.WAITING]
        for trial in sorted(waiting, key=lambda trial: self.plan.position[_cell(trial)]):
            with contextlib.ExitStack() as attempt:
                attempt.enter_context(locked(self._claim_file(trial.number), wait=True))
                with contextlib.suppress(UpdateFinishedTrialError):
                    if self._storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING):
                        self._storage.set_trial_user_attr(trial._trial_id, "host", socket.gethostname())
                        held.push(attempt.pop_all())
                        return Claim(trial.number, self._by_cell[_cell(trial)])
        return None

    def _reap(self) -> None:
        for trial in self._planned():
            if trial.state == TrialState.RUNNING and self._is_abandoned(trial):
                self._put_back(trial, _DIED)

    def _is_judged(self, trial: FrozenTrial) -> bool:
        """Whether this folder can tell if the claim is held: not one made on a machine with a folder of its
        own."""
        return self._claim_file(trial.number).exists() or trial.user_attrs.get("host") == socket.gethostname()

    def _is_abandoned(self, trial: FrozenTrial) -> bool:
        """Whether nobody holds the claim any more."""
        if not self._is_judged(trial):
            return False
        with locked(self._claim_file(trial.number), wait=False) as free:
            return free

    def _put_back(self, trial: FrozenTrial, why: str) -> None:
        """Ends a running trial and lets it wait anew, unless its workers died too often."""
        self._note(trial.number, {"status": "failed", "failure": why})
        self._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
        self._claim_file(trial.number).unlink(missing_ok=True)
        cell = _cell(trial)
        deaths = sum(each.user_attrs.get("failure") == _DIED for each in self._planned() if _cell(each) == cell)
        if why != _DIED or deaths < RETRIES:
            self._add(self._by_cell[cell], TrialState.WAITING)

    def _note(self, number: int, outcome: Outcome) -> None:
        trial_id = self._trials()[number]._trial_id
        for key, value in _attributes(outcome).items():
            self._storage.set_trial_user_attr(trial_id, key, value)


def _cell(trial: FrozenTrial) -> Cell:
    return str(trial.params["arm"]), int(trial.params["seed"])


def _attributes(outcome: Outcome) -> dict[str, Any]:
    """What optuna-dashboard shows beside a trial."""
    shown = {key: outcome[key] for key in ("status", "failure", "seconds") if outcome.get(key) is not None}
    return {**shown, **dict(outcome.get("scores") or {})}


def _value(outcome: Outcome, plan: Plan) -> float:
    """The metric of a finished run; NaN where it has none."""
    value = (outcome.get("scores") or {}).get(plan.sweep.metric)
    return math.nan if value is None else float(value)


def _state(outcome: Outcome, plan: Plan) -> TrialState:
    """Finished is COMPLETE (unless the metric is not a number, which Optuna cannot hold); all else is FAIL
    or PRUNED."""
    if outcome["status"] == "pruned":
        return TrialState.PRUNED
    complete = outcome["status"] == "finished" and not math.isnan(_value(outcome, plan))
    return TrialState.COMPLETE if complete else TrialState.FAIL
