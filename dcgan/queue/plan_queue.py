"""The queue: an Optuna study in which every trial of a plan is claimed once, and again only when its worker
died or was stopped.

The run directories are the truth and the queue can be made again from them. A claim is the one thing that
Optuna's storages do atomically: calling a waiting trial running. Everything else follows from what stands in
the storage: whoever looks ends the trials of dead workers (`lease`), and enters what is due and has no entry
(`entries`). So no step has to be finished by the worker that began it, and none is harmed by a second one.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.files import locked
from dcgan.queue import plan_entries, remote_runs, study_record
from dcgan.queue.base_queue import BEATS, Desk
from dcgan.queue.claim import Claim
from dcgan.queue.heartbeat import Heart, Owner, owner_of, place, sweep_up
from dcgan.queue.plan_entries import RELEASED, Entries, Outcome, is_over
from dcgan.records.run_record import RunRecord
from dcgan.study.outcomes import outcome_of
from dcgan.study.pending import pending_trials
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.study.timing.deadline import gate

_WINDOW = 32  # trials entered at a time
_CROWD = 8  # trials that are tried before the queue is looked at again
_TRIES, _PAUSE = 40, 0.05  # while another worker of this folder enters trials; seconds

Look = Callable[[Trial], RunRecord | None]


class Queue(Desk[Entries]):
    """The trials of a plan as an Optuna study, shared by any number of processes on any number of machines."""

    def __init__(self, plan: Plan, url: str | None = None, *, stop: Callable[[], bool] = lambda: False) -> None:
        super().__init__(plan, url, stop)
        self._by_cell = {(trial.arm, trial.seed): trial for trial in plan.trials}
        self._chance = random.Random()  # noqa: S311 - nothing to keep secret
        self._over: set[str] = set()  # runs that this process knows to be over
        self._exhausted: int | None = None  # how many cells were settled when nothing was left to enter

    def fill(self, look: Look = outcome_of) -> int:
        """Enters what is to be done; returns how many trials wait now, entered or not.

        `look` gives a trial's run.json, or None for a run that never began. What failed is entered again, and so is
        what is over but whose run directory is gone.
        """
        if self._elsewhere:
            study_record.publish(self._storage, self._key, self.plan)
        found = self._tidied()
        sweep_up(self.plan.directory, [str(owner_of(trial).get("id")) for trial in found.in_state(TrialState.RUNNING)])
        if self._elsewhere:
            self._restore(found)
        missing = 0
        for trial in pending_trials(self.plan):
            last = found.last.get((trial.arm, trial.seed))
            if last is not None and not last.state.is_finished():
                continue
            record = look(trial)
            if record is None or not record.is_over:
                missing += 1
                if last is not None:
                    self._add(plan_entries.waiting(self.plan, trial, last, 0))
            elif last is not None and plan_entries.outcome_in(last).get("status") != record.status:
                self._add(plan_entries.over(self.plan, trial, last, record, whole=self._elsewhere))
        waiting = len(found.in_state(TrialState.WAITING))
        self._exhausted = None
        self._enter_next(look)
        return waiting + missing

    @contextlib.contextmanager
    def claim(self) -> Iterator[Claim | None]:
        """The next trial in the plan's order, held for the block; None when nothing waits."""
        claim = self._take()
        if claim is None:
            yield None
            return
        with Heart(lambda count: self._tell(claim, count), self.lease / BEATS) as heart:
            yield Claim(claim.number, claim.trial, claim.key, heart.lost.is_set)

    def others_busy(self) -> bool:
        """Whether another worker is at a trial that this one would have to take over if that worker died."""
        found = self._look()
        if self._elsewhere:
            self._restore(found)
        return bool(found.in_state(TrialState.RUNNING))

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Enters how a claimed trial ended, unless its worker was taken for dead meanwhile."""
        self._end(claim.key, record.to_json())

    def release(self, claim: Claim) -> None:
        """Puts a claimed trial back, for whoever comes next: its worker was asked to stop."""
        self._end(claim.key, {"status": RELEASED, "failure": "stopped on request"})

    def collect(self) -> None:
        """Writes down here what workers elsewhere finished."""
        self._restore(self._look())

    def tell_rescored(self, trials: Sequence[Trial]) -> None:
        """Lets machines that do not share this folder know of the new scores of these finished trials."""
        last = self._tidied().last if self._elsewhere else {}
        for trial in trials:
            entry, record = last.get((trial.arm, trial.seed)), outcome_of(trial)
            if entry is not None and entry.state.is_finished() and record is not None:
                self._add(plan_entries.over(self.plan, trial, entry, record, whole=True))

    def elsewhere(self) -> list[Running]:
        """The trials that workers are at which do not share this folder."""
        return remote_runs.elsewhere(self._look(), self._by_cell, place(self.plan.directory)) if self._elsewhere else []

    def limit(self, until: float | None, workers: int) -> None:
        """Lets so many workers, wherever they are, begin no trial that would end after `until` (by time.time())."""
        study_record.limit(self._storage, self._key, until, workers)

    def _gate(self) -> Callable[[Trial], bool]:
        """Whether a trial ends before the limit, if one stands."""
        limited = study_record.limited(self._storage, self._key)
        return (lambda _: True) if limited is None else gate(self.plan, *limited)

    def _look(self) -> Entries:
        found = Entries.read(
            self._storage.ask(lambda storage: storage.get_all_trials(self._key, deepcopy=False)), self._by_cell
        )
        self._watch.look(found.in_state(TrialState.RUNNING))
        return found

    def _beat(self, key: int, count: int) -> None:
        super()._beat(key, count)
        storage = self._storage.storage
        self._watch.look(storage.get_all_trials(self._key, deepcopy=False, states=(TrialState.RUNNING,)))

    def _tell(self, claim: Claim, count: int) -> None:
        """Beats, and says how far the trial is to those who do not see its folder."""
        if self._elsewhere:
            told = remote_runs.progress_of(claim.trial, self.plan.sweep.metric)
            self._storage.storage.set_trial_user_attr(claim.key, "progress", told)
        self._beat(claim.key, count)

    def _take(self) -> Claim | None:
        owner = self._signed_in()
        while True:
            found = self._tidied()
            waiting = found.in_state(TrialState.WAITING)
            waiting.sort(key=lambda trial: self.plan.position[plan_entries.cell_of(trial)])
            may_begin = self._gate()
            candidates = [trial for trial in waiting if trial.params["seed"] == waiting[0].params["seed"]][:_CROWD]
            while candidates:
                trial = candidates.pop(0)
                planned = self._by_cell[plan_entries.cell_of(trial)]
                if not may_begin(planned):
                    return None
                if self._is_mine(trial, owner):
                    return Claim(trial.number, planned, trial._trial_id)
                self._chance.shuffle(candidates)  # out of the way of those who came for the same one
            if not waiting and not self._enter_next(outcome_of):
                return None

    def _is_mine(self, trial: FrozenTrial, owner: Owner) -> bool:
        """Whether this process is the one that claims it."""
        with contextlib.suppress(UpdateFinishedTrialError):
            key = trial._trial_id
            if self._storage.ask(lambda storage: storage.set_trial_state_values(key, TrialState.RUNNING)):
                return self._note(key, "owner", owner.told)
        return False

    def _enter_again(self, trial: FrozenTrial, died: int) -> None:
        self._add(plan_entries.waiting(self.plan, self._by_cell[plan_entries.cell_of(trial)], trial, died))

    def _ended(self, trial: FrozenTrial) -> Outcome | None:
        outcome = plan_entries.outcome_in(trial)
        if is_over(outcome):
            return outcome
        record = outcome_of(self._by_cell[plan_entries.cell_of(trial)])
        return record.to_json() if record and record.is_over else None

    def _give_up(self, trial: FrozenTrial, reason: str) -> None:
        remote_runs.give_up(self._by_cell[plan_entries.cell_of(trial)], reason)

    def _enter_next(self, look: Look) -> int:
        """Enters the next window of what is due and has no entry, in the plan's order; returns how much waits then.

        The lock only spares workers of one folder the same work; who cannot get it soon goes on without.
        """
        for _ in range(_TRIES):
            with locked(self.plan.directory / ".entering", wait=False) as alone:
                if alone:
                    return self._enter_window(look)
            time.sleep(_PAUSE)
            if waiting := len(self._look().in_state(TrialState.WAITING)):
                return waiting
        return self._enter_window(look)

    def _enter_window(self, look: Look) -> int:
        found = self._look()
        if waiting := len(found.in_state(TrialState.WAITING)):
            return waiting
        if self._elsewhere:
            self._restore(found)
        if found.settled() == self._exhausted:
            return 0
        entered = reused = 0
        for trial in pending_trials(self.plan):
            if (trial.arm, trial.seed) in found.last or trial.run in self._over:
                continue
            record = look(trial)
            if record is None or not record.is_over:
                self._add(plan_entries.waiting(self.plan, trial, None, 0))
                entered += 1
            elif self._elsewhere or reused < _WINDOW:  # elsewhere nobody else knows that it is over
                self._add(plan_entries.over(self.plan, trial, None, record, whole=self._elsewhere))
                reused += 1
            else:
                self._over.add(trial.run)
            if entered == _WINDOW:
                break
        self._exhausted = None if entered else found.settled() + reused
        return entered

    def _add(self, template: FrozenTrial) -> None:
        self._storage.ask(lambda storage: storage.create_new_trial(self._key, template))

    def _end(self, key: int, outcome: Outcome) -> None:
        state = plan_entries.state_of(outcome, self.plan)
        values = [plan_entries.value_of(outcome, self.plan)] if state == TrialState.COMPLETE else None
        whole = self._elsewhere and is_over(outcome)
        self._finish(key, outcome if whole else plan_entries.shown(outcome), state, values)

    def _restore(self, found: Entries) -> None:
        here = place(self.plan.directory)
        for cell, trial in found.last.items():
            planned, outcome = self._by_cell[cell], plan_entries.outcome_in(trial)
            if planned.run in self._over or "attempts" not in outcome or not trial.state.is_finished():
                continue
            self._over.add(planned.run)
            if owner_of(trial).get("place") != here:
                remote_runs.restore(planned, outcome)
