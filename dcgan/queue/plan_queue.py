"""The queue of a plan: an Optuna study in which every trial is claimed once, and again only when its worker died or
was stopped.

The run directories are the truth, and the queue can be made again from them. A claim is the one atomic operation of
Optuna's storages: setting a waiting trial to running. Everything else follows from the content of the storage: any
worker that reads it fails stale trials (`heartbeat`), requeues them, and enters what is due and has no entry
(`plan_entries`). So no step has to be finished by the worker that began it, and doing a step twice does no harm.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.files import locked
from dcgan.queue import plan_entries, remote_runs, study_record
from dcgan.queue.base_queue import BaseQueue
from dcgan.queue.claim import Claim
from dcgan.queue.heartbeat import WorkerLock, folder_id, owner_of, remove_stale_locks
from dcgan.queue.plan_entries import RELEASED, Outcome, PlanEntries, is_over
from dcgan.queue.time_left import TimeLeft
from dcgan.records.run_record import RunRecord
from dcgan.study.outcomes import outcome_of
from dcgan.study.pending import pending_trials
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.study.timing.deadline import gate

_WINDOW = 32  # trials entered at a time
_CLAIM_ATTEMPTS = 8  # trials that a worker tries to claim before it reads the queue again
_LOCK_ATTEMPTS, _LOCK_PAUSE = 40, 0.05  # while another worker of this folder enters trials; pause in seconds

ReadOutcome = Callable[[Trial], RunRecord | None]


class Queue(BaseQueue[PlanEntries]):
    """The trials of a plan as an Optuna study, shared by any number of processes on any number of machines."""

    def __init__(self, plan: Plan, url: str | None = None, *, stop: Callable[[], bool] = lambda: False) -> None:
        super().__init__(plan, url, stop)
        self._by_cell = {(trial.arm, trial.seed): trial for trial in plan.trials}
        self._random = random.Random()  # noqa: S311 - nothing to keep secret
        self._over: set[str] = set()  # the runs that are over, as far as this process has seen
        self._exhausted: int | None = None  # how many cells were settled when nothing was left to enter
        self._time = TimeLeft(self._storage, self._key)

    def fill(self, read_outcome: ReadOutcome = outcome_of) -> int:
        """Enters the trials that are to be done; returns how many wait now, entered or not.

        `read_outcome` gives a trial's run.json, or None for a run that never began. Failed trials are entered again,
        and so are trials that are over but whose run directory is gone.
        """
        entries = self.publish()
        missing = 0
        for trial in pending_trials(self.plan):
            last = entries.last.get((trial.arm, trial.seed))
            if last is not None and not last.state.is_finished():
                continue
            record = read_outcome(trial)
            if record is None or not record.is_over:
                missing += 1
                if last is not None:
                    self._create_trial(plan_entries.waiting_entry(self.plan, trial, last, 0))
            elif last is not None and plan_entries.outcome_in(last).get("status") != record.status:
                self._create_trial(plan_entries.finished_entry(self.plan, trial, last, record, whole=self._remote))
        waiting = len(entries.in_state(TrialState.WAITING))
        self._exhausted = None
        self._enter_next(read_outcome)
        return waiting + missing

    def publish(self) -> PlanEntries:
        """Makes the plan known to workers elsewhere, and what they finished known here; returns the entries."""
        if self._remote:
            study_record.publish(self._storage, self._key, self.plan)
        entries = self._recover()
        remove_stale_locks(
            self.plan.directory, [str(owner_of(entry).get("id")) for entry in entries.in_state(TrialState.RUNNING)]
        )
        if self._remote:
            self._restore(entries)
        return entries

    def claim(self) -> AbstractContextManager[Claim | None]:
        """The next trial in the plan's order, held for the block; None when nothing waits."""
        return self._held(self._claim_next())

    def claim_of(self, trial: Trial) -> AbstractContextManager[Claim | None]:
        """That very trial, whether it was entered or failed before, held for the block; None while another worker has
        it. Ask for one whose run is not over."""
        return self._held(self._claim_given(trial))

    def claim_abandoned(self) -> AbstractContextManager[Claim | None]:
        """A trial that another worker had and did not end, because it died or was stopped; None if there is none."""
        return self._held(self._claim_abandoned())

    @contextlib.contextmanager
    def _held(self, claim: Claim | None) -> Iterator[Claim | None]:
        if claim is None:
            yield None
            return
        with self._heartbeat(lambda count: self._report(claim, count)) as heartbeat:
            yield Claim(claim.number, claim.trial, claim.key, heartbeat.lost.is_set)

    def others_busy(self) -> bool:
        """Whether another worker has a trial that this one would have to take over if that worker died."""
        entries = self._read_entries()
        if self._remote:
            self._restore(entries)
        return bool(entries.in_state(TrialState.RUNNING))

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Ends a claimed trial with its outcome, unless it became stale and others ended it.

        Where its entry is gone, because the database was set back to a backup, another one is made.
        """
        self.curves.send(claim.trial)
        if self._still_mine(claim.key):
            self._end(claim.key, record.to_json())
        elif (last := self._recover().last.get((claim.trial.arm, claim.trial.seed))) is None and record.is_over:
            self._create_trial(plan_entries.finished_entry(self.plan, claim.trial, last, record, whole=self._remote))

    def release(self, claim: Claim) -> None:
        """Ends a claimed trial without an outcome, so that it is requeued: its worker was asked to stop."""
        if self._still_mine(claim.key):
            self._end(claim.key, {"status": RELEASED, "failure": "stopped on request"})

    def collect(self) -> None:
        """Writes the records of runs that workers elsewhere finished into this machine's folder."""
        self._restore(self._read_entries())

    def publish_scores(self, trials: Sequence[Trial]) -> None:
        """Sends the new scores of these finished trials to machines that do not share this folder."""
        last = self._recover().last if self._remote else {}
        for trial in trials:
            entry, record = last.get((trial.arm, trial.seed)), outcome_of(trial)
            if entry is not None and entry.state.is_finished() and record is not None:
                self._create_trial(plan_entries.finished_entry(self.plan, trial, entry, record, whole=True))

    def running_elsewhere(self) -> list[Running]:
        """The trials that are being trained by workers that do not share this folder."""
        self._time.look()  # who leads a sweep asks this again and again: time also passes while workers start
        if not self._remote:
            return []
        return remote_runs.running_elsewhere(self._read_entries(), self._by_cell, folder_id(self.plan.directory))

    def give_time(self, seconds: float | None, workers: int) -> None:
        """See `TrialSource`: the time is in the storage, for the workers of every machine."""
        self._time.give(seconds, workers)

    def _gate(self) -> Callable[[Trial], bool]:
        """Tells of a trial whether it would end within the study's time, if there is one."""
        left = self._time.look()
        return (lambda _: True) if left is None else gate(self.plan, *left)

    def _read_entries(self) -> PlanEntries:
        entries = PlanEntries.read(
            self._storage.call(lambda storage: storage.get_all_trials(self._key, deepcopy=False)), self._by_cell
        )
        self._monitor.observe(entries.in_state(TrialState.RUNNING))
        return entries

    def _send_heartbeat(self, key: int, count: int) -> None:
        super()._send_heartbeat(key, count)
        storage = self._storage.storage
        self._monitor.observe(storage.get_all_trials(self._key, deepcopy=False, states=(TrialState.RUNNING,)))
        self._time.look()  # so that it is counted while trials are long

    def _report(self, claim: Claim, count: int) -> None:
        """Sends a heartbeat, and the progress of the trial for those that do not share its folder."""
        if self._remote:
            progress = remote_runs.progress_of(claim.trial, self.plan.sweep.metric)
            self._storage.storage.set_trial_user_attr(claim.key, "progress", progress)
        self._send_heartbeat(claim.key, count)

    def _claim_next(self) -> Claim | None:
        lock = self._register()
        while True:
            entries = self._recover()
            waiting = entries.in_state(TrialState.WAITING)
            waiting.sort(key=lambda entry: self.plan.position[plan_entries.cell_of(entry)])
            may_begin = self._gate()
            of_one_seed = [entry for entry in waiting if entry.params["seed"] == waiting[0].params["seed"]]
            candidates = of_one_seed[:_CLAIM_ATTEMPTS]
            while candidates:
                entry = candidates.pop(0)
                trial = self._by_cell[plan_entries.cell_of(entry)]
                if not may_begin(trial):
                    return None
                if self._try_claim(entry, lock):
                    return Claim(entry.number, trial, entry._trial_id)
                self._random.shuffle(candidates)  # so that workers which lost the same claim try different trials next
            if not waiting and not self._enter_next(outcome_of):
                return None

    def _claim_given(self, trial: Trial) -> Claim | None:
        lock, cell = self._register(), (trial.arm, trial.seed)
        last = self._recover().last.get(cell)
        if last is None or last.state.is_finished():
            self._create_trial(plan_entries.waiting_entry(self.plan, trial, last, 0))
            last = self._recover().last[cell]  # another worker may have been first
        if last.state == TrialState.WAITING and self._try_claim(last, lock):
            return Claim(last.number, trial, last._trial_id)
        return None

    def _claim_abandoned(self) -> Claim | None:
        lock = self._register()
        for entry in self._recover().in_state(TrialState.WAITING):
            if plan_entries.is_requeued(entry) and self._try_claim(entry, lock):
                return Claim(entry.number, self._by_cell[plan_entries.cell_of(entry)], entry._trial_id)
        return None

    def _try_claim(self, entry: FrozenTrial, lock: WorkerLock) -> bool:
        """Claims a waiting trial; False if another process did."""
        with contextlib.suppress(UpdateFinishedTrialError):
            key = entry._trial_id
            if self._storage.call(lambda storage: storage.set_trial_state_values(key, TrialState.RUNNING)):
                return self._set_attribute(key, "owner", lock.identity)
        return False

    def _requeue(self, entry: FrozenTrial, died: int) -> None:
        self._create_trial(
            plan_entries.waiting_entry(self.plan, self._by_cell[plan_entries.cell_of(entry)], entry, died)
        )

    def _known_outcome(self, entry: FrozenTrial) -> Outcome | None:
        outcome = plan_entries.outcome_in(entry)
        if is_over(outcome):
            return outcome
        record = outcome_of(self._by_cell[plan_entries.cell_of(entry)])
        return record.to_json() if record and record.is_over else None

    def _record_failure(self, entry: FrozenTrial, reason: str) -> None:
        remote_runs.record_failure(self._by_cell[plan_entries.cell_of(entry)], reason)

    def _enter_next(self, read_outcome: ReadOutcome) -> int:
        """Enters the next window of trials that are due and have no entry, in the plan's order; returns how many wait.

        The lock only saves the workers of one folder from doing the same work twice. A worker that does not get it
        within two seconds goes on without it.
        """
        for _ in range(_LOCK_ATTEMPTS):
            with locked(self.plan.directory / ".entering", wait=False) as is_locked:
                if is_locked:
                    return self._enter_window(read_outcome)
            time.sleep(_LOCK_PAUSE)
            if waiting := len(self._read_entries().in_state(TrialState.WAITING)):
                return waiting
        return self._enter_window(read_outcome)

    def _enter_window(self, read_outcome: ReadOutcome) -> int:
        entries = self._read_entries()
        if waiting := len(entries.in_state(TrialState.WAITING)):
            return waiting
        if self._remote:
            self._restore(entries)
        if entries.settled() == self._exhausted:
            return 0
        entered = reused = 0
        for trial in pending_trials(self.plan):
            if (trial.arm, trial.seed) in entries.last or trial.run in self._over:
                continue
            record = read_outcome(trial)
            if record is None or not record.is_over:
                self._create_trial(plan_entries.waiting_entry(self.plan, trial, None, 0))
                entered += 1
            elif self._remote or reused < _WINDOW:  # a remote worker cannot see that it is over
                self._create_trial(plan_entries.finished_entry(self.plan, trial, None, record, whole=self._remote))
                reused += 1
            else:
                self._over.add(trial.run)
            if entered == _WINDOW:
                break
        self._exhausted = None if entered else entries.settled() + reused
        return entered

    def _create_trial(self, template: FrozenTrial) -> None:
        self._storage.call(lambda storage: storage.create_new_trial(self._key, template))

    def _end(self, key: int, outcome: Outcome) -> None:
        state = plan_entries.state_of(outcome, self.plan)
        values = [plan_entries.value_of(outcome, self.plan)] if state == TrialState.COMPLETE else None
        whole = self._remote and is_over(outcome)
        self._finish(key, outcome if whole else plan_entries.summary(outcome), state, values)

    def _restore(self, entries: PlanEntries) -> None:
        here = folder_id(self.plan.directory)
        for cell, entry in entries.last.items():
            trial, outcome = self._by_cell[cell], plan_entries.outcome_in(entry)
            if trial.run in self._over or "attempts" not in outcome or not entry.state.is_finished():
                continue
            self._over.add(trial.run)
            if owner_of(entry).get("place") != here:
                remote_runs.received(trial, outcome)
