"""Where the workers of a search get their trials: combinations that Optuna is asked for, seed by seed.

A worker keeps a combination until its last seed. As in a plan's queue, all else follows from what the storage says.
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
from dcgan.queue.base_queue import BEATS, Desk
from dcgan.queue.claim import Claim
from dcgan.queue.heartbeat import Heart, owner_of, place, sweep_up
from dcgan.queue.plan_entries import RELEASED, TWICE, Outcome, outcome_in, shown
from dcgan.queue.pruning import Along
from dcgan.queue.search_entries import BEYOND, REFUSED, Combinations, again, arm_name, combination_of, status
from dcgan.records import plan_file
from dcgan.records.growth import Growth
from dcgan.records.run_record import RunRecord
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.sweeps import samplers
from dcgan.sweeps.designs.search import INTERMEDIATE_PRUNERS, Search
from dcgan.sweeps.search_space import axes, levels_of

_STATES = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "diverged": TrialState.PRUNED}


@dataclass
class _Held:
    """A combination that this worker has, and how its seeds ended so far."""

    trial: optuna.trial.Trial
    arm: str
    records: dict[int, RunRecord] = field(default_factory=dict)
    along: Along | None = None  # of the seed at hand


class SearchQueue(Desk[Combinations]):
    """See `Source`. `plan` grows with the combinations that were asked, by any worker."""

    def __init__(self, plan: Plan, url: str | None = None, *, stop: Callable[[], bool] = lambda: False) -> None:
        search = plan.design
        assert isinstance(search, Search)  # noqa: S101 - for the type checker
        super().__init__(plan, url, stop)
        self._search = search
        self._space = axes(plan.sweep, plan.base)
        self._study = self._storage.ask(self._open)
        self._held: _Held | None = None

    def fill(self) -> int:
        """What failed is tried again; returns how many combinations are left."""
        if self._elsewhere:
            study_record.publish(self._storage, self._key, self.plan)
        found = self._tidied()
        sweep_up(self.plan.directory, [str(owner_of(trial).get("id")) for trial in found.in_state(TrialState.RUNNING)])
        failed = [trial for trial in found.last.values() if status(trial) == "failed"]
        for trial in failed:
            self._enter_again(trial, 0)
        self.collect()
        waiting = len(failed) + len(found.in_state(TrialState.WAITING))
        return waiting + max(0, self._search.trials - found.spent(self._search.trials))

    @contextlib.contextmanager
    def claim(self) -> Iterator[Claim | None]:
        """The next seed of the combination at hand, or the first of another one, held for the block."""
        held = self._held = self._held or self._take()
        if held is None:
            yield None
            return
        planned = next(each for each in self._planned(held.arm) if each.seed not in held.records)
        key = held.trial._trial_id
        with Heart(lambda count: self._beat(key, count), self.lease / BEATS) as heart:
            lost = heart.lost.is_set
            if self._search.pruner in INTERMEDIATE_PRUNERS:
                before = len(held.records) * planned.experiment.budget.images
                held.along = Along(held.trial, self.plan.sweep.metric, before)
                yield Claim(held.trial.number, planned, key, lost, [held.along], held.along.reason)
            else:
                yield Claim(held.trial.number, planned, key, lost)
            if heart.lost.is_set():
                self._held = None

    def others_busy(self) -> bool:
        """Whether another worker is at a combination that this one would have to take over."""
        return bool(self._look().in_state(TrialState.RUNNING))

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Enters how a seed of the combination at hand ended, and with the last one the combination."""
        held = self._held
        if held is None:
            return
        seed = claim.trial.seed
        held.records[seed] = record
        if held.along is not None:
            held.along.catch_up(claim.trial.directory)
        if self._elsewhere:
            self._note(claim.key, f"run {seed}", record.to_json())
        if ended := self._verdict(held, claim):
            self._end(claim.key, ended)
            self._held = None

    def release(self, claim: Claim) -> None:
        """Puts the combination at hand back, for whoever comes next."""
        self._end(claim.key, {"status": RELEASED, "failure": "stopped on request"})
        self._held = None

    def close(self) -> None:
        """Leaves the queue; the process may go on."""
        if self._held is not None:
            self._end(self._held.trial._trial_id, {"status": RELEASED, "failure": "stopped on request"})
            self._held = None
        super().close()

    def collect(self) -> None:
        """Writes down here which combinations there are, and what workers elsewhere finished of them."""
        with locked(self.plan.directory / ".plan.lock", wait=True):
            found = self._look()
            baseline = self.plan.arms[0]
            arms = {baseline.name: baseline.levels, **dict(sorted(found.arms().items()))}
            self.plan = self.plan.with_growth(Growth(arms, found.over(), found.refusals()))
            plan_file.write(self.plan.directory, self.plan.record())
        if self._elsewhere:
            self._restore(found)

    def elsewhere(self) -> list[Running]:
        return []  # what they are at is not told of a search

    def tell_rescored(self, trials: Sequence[Trial]) -> None:
        """Nothing: what was said of a combination led the search to others, and stays."""

    def limit(self, until: float | None, workers: int) -> None:
        """As of a plan's queue; Misuse for a limit, since what a search asks next is not known."""
        if until is not None:
            raise Misuse("--for: how long a search takes is set by its trials: give fewer of them")

    def _open(self, storage: BaseStorage) -> optuna.Study:
        return optuna.load_study(
            study_name=self.plan.study,
            storage=storage,
            sampler=samplers.Anew(self._search, self._space),
            pruner=samplers.pruner(self._search, self.plan.base),
        )

    def _look(self) -> Combinations:
        found = Combinations.read(self._storage.ask(lambda storage: storage.get_all_trials(self._key, deepcopy=False)))
        self._watch.look(found.in_state(TrialState.RUNNING))
        return found

    def _planned(self, arm: str) -> list[Trial]:
        return [trial for trial in self.plan.trials if trial.arm == arm]

    def _take(self) -> _Held | None:
        """A combination that waits, else one that is asked now; None when there are to be no more."""
        owner = self._signed_in()
        space = {axis.name: axis.distribution for axis in self._space}
        budget = self._search.trials
        while True:
            found = self._tidied()
            if not found.in_state(TrialState.WAITING) and found.spent(budget) >= budget:
                return None
            trial = self._storage.ask(lambda _: self._study.ask(fixed_distributions=space))
            self._note(trial._trial_id, "owner", owner.told)
            found = self._look()
            number = found.number_of(trial.number)
            if number is None:
                self._end(trial._trial_id, {"status": TWICE})
            elif number == trial.number and found.spent(budget, before=number) >= budget:
                self._end(trial._trial_id, {"status": BEYOND})
            elif held := self._begun(trial, arm_name(number)):
                return held

    def _begun(self, trial: optuna.trial.Trial, arm: str) -> _Held | None:
        """The combination as an arm of the plan; None for one that cannot be."""
        levels = levels_of(self._space, trial.params)
        try:
            self.plan.with_growth(Growth({arm: levels}))
        except Misuse as refusal:
            self._end(trial._trial_id, {"status": REFUSED, "failure": str(refusal)})
            return None
        self._note(trial._trial_id, "levels", levels)
        self.collect()
        return _Held(trial, arm)

    def _verdict(self, held: _Held, claim: Claim) -> Outcome | None:
        """How the combination ended, if it did with that seed."""
        record = held.records[claim.trial.seed]
        value = record.score(self.plan.sweep.metric)
        if record.status != "finished":
            return shown(record.to_json())
        if value is None or math.isnan(value):
            return {"status": "failed", "failure": f"{self.plan.sweep.metric} is not a number"}
        hopeless = False
        if self._search.pruner == "wilcoxon":
            held.trial.report(value, claim.trial.seed)
            hopeless = held.trial.should_prune()
        if len(held.records) == len(self._search.own_seeds):
            return {"status": "finished", "values": self._values(held)}
        if hopeless:
            seeds = len(held.records)
            return {"status": "pruned", "failure": f"behind the best combination on the same {seeds} seeds"}
        return None

    def _values(self, held: _Held) -> list[float]:
        """What Optuna is told: the mean metric, and for two objectives the mean training seconds."""
        records = held.records.values()
        metric = statistics.mean(record.scores[self.plan.sweep.metric] for record in records)
        seconds = statistics.mean(record.seconds for record in records)
        return [metric, seconds][: len(self._search.objectives(self.plan.sweep.goal))]

    def _ended(self, trial: FrozenTrial) -> Outcome | None:
        return outcome_in(trial) or None

    def _give_up(self, trial: FrozenTrial, reason: str) -> None:
        self.collect()
        planned = self._planned(arm_name(combination_of(trial)))
        records = ((trial, outcome_of(trial)) for trial in planned)
        if first := next((trial for trial, record in records if record is None or not record.is_over), None):
            remote_runs.give_up(first, reason)

    def _enter_again(self, trial: FrozenTrial, died: int) -> None:
        self._storage.ask(lambda _: self._study.enqueue_trial(trial.params, user_attrs=again(trial, died)))

    def _end(self, key: int, outcome: Outcome) -> None:
        self._finish(key, outcome, _STATES.get(outcome["status"], TrialState.FAIL), outcome.get("values"))

    def _restore(self, found: Combinations) -> None:
        """Writes down here the runs of workers that do not share this folder."""
        here = place(self.plan.directory)
        for number, trial in found.last.items():
            if owner_of(trial).get("place") in (here, None):
                continue
            for planned in self._planned(arm_name(number)):
                if content := trial.user_attrs.get(f"run {planned.seed}"):
                    remote_runs.restore(planned, content)
