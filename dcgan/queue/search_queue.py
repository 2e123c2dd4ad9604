"""The queue of a search: combinations that Optuna's sampler is asked for, each trained seed by seed by one worker.

A worker keeps a combination until its last seed has ended. As in the queue of a plan, all else follows from the content
of the storage.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.errors import Misuse
from dcgan.common.files import locked
from dcgan.queue import remote_runs, study_record
from dcgan.queue.base_queue import BaseQueue
from dcgan.queue.claim import Claim
from dcgan.queue.heartbeat import folder_id, owner_of, remove_stale_locks
from dcgan.queue.plan_entries import DUPLICATE, RELEASED, Outcome, outcome_in, summary
from dcgan.queue.pruning import PruningObserver
from dcgan.queue.search_entries import (
    BEYOND,
    REFUSED,
    SearchEntries,
    arm_name,
    attributes_after,
    combination_of,
    status,
)
from dcgan.records import plan_file
from dcgan.records.growth import Growth
from dcgan.records.run_record import RunRecord
from dcgan.statistics.scale import mean_on_scale
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.sweeps import samplers
from dcgan.sweeps.designs.search import INTERMEDIATE_PRUNERS, Search
from dcgan.sweeps.search_space import axes, levels_of

_STATES = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "diverged": TrialState.PRUNED}


@dataclass
class _Combination:
    """A combination that this worker has, and the outcomes of its seeds so far."""

    trial: optuna.trial.Trial
    arm: str
    records: dict[int, RunRecord] = field(default_factory=dict)
    observer: PruningObserver | None = None  # of the current seed


class SearchQueue(BaseQueue[SearchEntries]):
    """A `TrialSource` whose `plan` grows with the combinations that any worker asked for."""

    def __init__(self, plan: Plan, url: str | None = None, *, stop: Callable[[], bool] = lambda: False) -> None:
        search = plan.design
        assert isinstance(search, Search)  # noqa: S101 - for the type checker
        super().__init__(plan, url, stop)
        self._search = search
        self._space = axes(plan.sweep, plan.base)
        self._study = self._storage.call(self._open)
        self._current: _Combination | None = None

    def fill(self) -> int:
        """Requeues the combinations that failed; returns how many are left to do."""
        if self._remote:
            study_record.publish(self._storage, self._key, self.plan)
        entries = self._recover()
        remove_stale_locks(
            self.plan.directory, [str(owner_of(entry).get("id")) for entry in entries.in_state(TrialState.RUNNING)]
        )
        failed = [entry for entry in entries.last.values() if status(entry) == "failed"]
        for entry in failed:
            self._requeue(entry, 0)
        self.collect()
        waiting = len(failed) + len(entries.in_state(TrialState.WAITING))
        return waiting + max(0, self._search.trials - entries.spent(self._search.trials))

    @contextlib.contextmanager
    def claim(self) -> Iterator[Claim | None]:
        """The next seed of the current combination, or the first seed of another one, held for the block."""
        current = self._current = self._current or self._claim_next()
        if current is None:
            yield None
            return
        planned = next(trial for trial in self._planned(current.arm) if trial.seed not in current.records)
        key = current.trial._trial_id
        with self._heartbeat(lambda count: self._send_heartbeat(key, count)) as heartbeat:
            lost = heartbeat.lost.is_set
            if self._search.pruner in INTERMEDIATE_PRUNERS:
                before = len(current.records) * planned.experiment.budget.images
                current.observer = PruningObserver(current.trial, self.plan.sweep.metric, before)
                yield Claim(current.trial.number, planned, key, lost, [current.observer], current.observer.reason)
            else:
                yield Claim(current.trial.number, planned, key, lost)
            if heartbeat.lost.is_set():
                self._current = None

    def others_busy(self) -> bool:
        """Whether another worker has a combination that this one would have to take over if that worker died."""
        return bool(self._read_entries().in_state(TrialState.RUNNING))

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Records the outcome of a seed of the current combination, and ends the combination if that decides it."""
        current = self._current
        if current is None:
            return
        seed = claim.trial.seed
        current.records[seed] = record
        if current.observer is not None:
            current.observer.catch_up(claim.trial.directory)
        if self._remote:
            self.curves.send(claim.trial)
            self._set_attribute(claim.key, f"run {seed}", record.to_json())
        if combined := self._combined_outcome(current, claim):
            self._end(claim.key, combined)
            self._current = None

    def release(self, claim: Claim) -> None:
        """Ends the current combination without an outcome, so that it is requeued: its worker was asked to stop."""
        self._end(claim.key, {"status": RELEASED, "failure": "stopped on request"})
        self._current = None

    def close(self) -> None:
        """Leaves the queue; the process may go on."""
        if self._current is not None:
            self._end(self._current.trial._trial_id, {"status": RELEASED, "failure": "stopped on request"})
            self._current = None
        super().close()

    def collect(self) -> None:
        """Writes the combinations, and the records that workers elsewhere finished, into this machine's folder."""
        with locked(self.plan.directory / ".plan.lock", wait=True):
            entries = self._read_entries()
            baseline = self.plan.arms[0]
            arms = {baseline.name: baseline.levels, **dict(sorted(entries.arms().items()))}
            self.plan = self.plan.with_growth(Growth(arms, entries.over(), entries.refusals()))
            plan_file.write(self.plan.directory, self.plan.record())
        if self._remote:
            self._restore(entries)

    def running_elsewhere(self) -> list[Running]:
        """Nothing: the workers of a search do not send their progress."""
        return []

    def publish_scores(self, trials: Sequence[Trial]) -> None:
        """Nothing: the scores that the sampler saw led it to other combinations, and stay as they were."""

    def give_time(self, seconds: float | None, workers: int) -> None:
        """Raises Misuse for a time: what a search will ask for, and so how long that takes, is not known."""
        if seconds is not None:
            raise Misuse("--for: how long a search takes is set by its trials: give fewer of them")

    def _open(self, storage: BaseStorage) -> optuna.Study:
        return optuna.load_study(
            study_name=self.plan.study,
            storage=storage,
            sampler=samplers.PerTrialSeededSampler(self._search, self._space),
            pruner=samplers.pruner(self._search, self.plan.base),
        )

    def _read_entries(self) -> SearchEntries:
        entries = SearchEntries.read(
            self._storage.call(lambda storage: storage.get_all_trials(self._key, deepcopy=False))
        )
        self._monitor.observe(entries.in_state(TrialState.RUNNING))
        return entries

    def _planned(self, arm: str) -> list[Trial]:
        return [trial for trial in self.plan.trials if trial.arm == arm]

    def _claim_next(self) -> _Combination | None:
        """A combination that waits, else one that the sampler is asked for now; None when the budget is spent."""
        lock = self._register()
        space = {axis.name: axis.distribution for axis in self._space}
        budget = self._search.trials
        while True:
            entries = self._recover()
            if not entries.in_state(TrialState.WAITING) and entries.spent(budget) >= budget:
                return None
            trial = self._storage.call(lambda _: self._study.ask(fixed_distributions=space))
            self._set_attribute(trial._trial_id, "owner", lock.identity)
            entries = self._read_entries()
            number = entries.number_of(trial.number)
            if number is None:
                self._end(trial._trial_id, {"status": DUPLICATE})
            elif number == trial.number and entries.spent(budget, before=number) >= budget:
                self._end(trial._trial_id, {"status": BEYOND})
            elif combination := self._begin(trial, arm_name(number)):
                return combination

    def _begin(self, trial: optuna.trial.Trial, arm: str) -> _Combination | None:
        """The combination as an arm of the plan; None for one that is refused."""
        levels = levels_of(self._space, trial.params)
        try:
            self.plan.with_growth(Growth({arm: levels}))
        except Misuse as refusal:
            self._end(trial._trial_id, {"status": REFUSED, "failure": str(refusal)})
            return None
        self._set_attribute(trial._trial_id, "levels", levels)
        self.collect()
        return _Combination(trial, arm)

    def _combined_outcome(self, current: _Combination, claim: Claim) -> Outcome | None:
        """The outcome of the combination; None if it needs further seeds."""
        record = current.records[claim.trial.seed]
        value = record.score(self.plan.sweep.metric)
        if record.status != "finished":
            return summary(record.to_json())
        if value is None or math.isnan(value):
            return {"status": "failed", "failure": f"{self.plan.sweep.metric} is not a number"}
        should_prune = False
        if self._search.pruner == "wilcoxon":
            current.trial.report(value, claim.trial.seed)
            should_prune = current.trial.should_prune()
        if len(current.records) == len(self._search.own_seeds):
            return {"status": "finished", "values": self._values(current)}
        if should_prune:
            seeds = len(current.records)
            return {"status": "pruned", "failure": f"behind the best combination on the same {seeds} seeds"}
        return None

    def _values(self, current: _Combination) -> list[float]:
        """The values of the objectives: the mean metric, and if there are two the mean training seconds."""
        records = current.records.values()
        sweep = self.plan.sweep
        metric = mean_on_scale([record.scores[sweep.metric] for record in records], sweep.scale)
        seconds = statistics.mean(record.seconds for record in records)
        return [metric, seconds][: len(self._search.objectives(self.plan.sweep.goal))]

    def _known_outcome(self, entry: FrozenTrial) -> Outcome | None:
        return outcome_in(entry) or None

    def _record_failure(self, entry: FrozenTrial, reason: str) -> None:
        self.collect()
        planned = self._planned(arm_name(combination_of(entry)))
        records = ((trial, outcome_of(trial)) for trial in planned)
        if first := next((trial for trial, record in records if record is None or not record.is_over), None):
            remote_runs.record_failure(first, reason)

    def _requeue(self, entry: FrozenTrial, died: int) -> None:
        self._storage.call(lambda _: self._study.enqueue_trial(entry.params, user_attrs=attributes_after(entry, died)))

    def _end(self, key: int, outcome: Outcome) -> None:
        self._finish(key, outcome, _STATES.get(outcome["status"], TrialState.FAIL), outcome.get("values"))

    def _restore(self, entries: SearchEntries) -> None:
        """Writes the runs of workers that do not share this folder into it."""
        here = folder_id(self.plan.directory)
        for number, entry in entries.last.items():
            if owner_of(entry).get("place") in (here, None):
                continue
            for trial in self._planned(arm_name(number)):
                if content := entry.user_attrs.get(f"run {trial.seed}"):
                    remote_runs.received(trial, content)
