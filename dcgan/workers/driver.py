"""The driver of a sweep: leads it through its stages, each prepared, launched, and trained to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.messages import message, note
from dcgan.common.signals import stopping
from dcgan.queue import queue_of
from dcgan.queue.claim import TrialSource
from dcgan.queue.journal import mended
from dcgan.queue.study_extractor import Extractors, check_runs, extractors_of
from dcgan.records.run_record import FINAL
from dcgan.study import stored_plans, trials_table
from dcgan.study.baseline_lines import baseline_lines
from dcgan.study.failed_before import failed_before
from dcgan.study.plan import Plan
from dcgan.study.search_progress import progress_lines, search_progress
from dcgan.study.stages import stages
from dcgan.study.status import Overview, Running, Standing
from dcgan.study.timing.deadline import parse_duration, within
from dcgan.sweeps.sweep import Sweep
from dcgan.tracking import wandb_settings
from dcgan.workers.launchers import Detached, Job, Launcher

if TYPE_CHECKING:
    from dcgan.study.outlook import Outlook
    from dcgan.study.search_outlook import SearchOutlook
    from dcgan.study.taken_runs import TakenRuns

# Shows how a plan stands while so many workers are at it; the last argument asks for what is in no file here.
Watching = Callable[[Plan, int, Callable[[], Iterable[Running]]], AbstractContextManager[None]]


@dataclass(frozen=True)
class Driver:
    """Where, by how many workers and for how long a sweep is to be trained.

    `workers`: None for as many as the launcher usually starts. `storage`: the URL of a storage for workers elsewhere.
    `time`: such as 2h, within which no more seeds are begun than end.
    """

    launcher: Launcher
    workers: int | None = None
    storage: str | None = None
    time: str | None = None

    def look_ahead(self, plans: Sequence[Plan]) -> list[Outlook]:
        """The outlook of each stage. Trains a few steps at most, and writes nothing. Raises as the training would."""
        from dcgan.study.outlook import look_ahead
        from dcgan.workers import worker

        outlooks: list[Outlook] = []
        for plan in plans:
            worker.check_here(plan)
            check_runs(plan, Extractors(plan, None).in_folder())
            spent = sum(outlook.seconds or 0.0 for outlook in outlooks)
            outlooks.append(look_ahead(plan, self._workers(plan, plan.expected), self.time, spent))
        return outlooks

    def look_ahead_of_search(self, sweep: Sweep, plan: Plan) -> SearchOutlook:
        """The outlook of a sweep whose search is `plan`, as `look_ahead`."""
        from dcgan.study.search_outlook import look_ahead_of_search
        from dcgan.workers import worker

        worker.check_here(plan)
        return look_ahead_of_search(sweep, plan, self._workers(plan, plan.expected))

    def run(self, sweep: Sweep, watching: Watching) -> Standing:
        """Trains what is left of a sweep: one study after the other, as far as each comes to its end.

        Returns how the last of them stands, which is the sweep's own if all before it ended. Raises Interrupted after
        a first Ctrl-C, once the running trials are put back, and DcganError if no trial of a study finished.
        """
        began = time.monotonic()
        for plan in stages(sweep):
            if plan.tuned:
                for line in plan.tuned.lines():
                    message(line)
            wandb_settings.use(plan.base)  # of a sweep that was typed, never of a plan that was found
            standing = self._run_stage(plan, time.monotonic() - began, watching)
            if plan.study == sweep.study:
                break
            if plan.grown:  # a combination that failed is not among the best, and no reason to stop
                for line in progress_lines(search_progress(standing.plan), sweep.metric):
                    message(line)
            elif not standing.over:
                break
        return standing

    def take(self, taken: TakenRuns) -> None:
        """Puts runs of a table here. Raises before anything is written where what is left could not be compared with
        them: scored by another extractor than this machine has, or makes."""
        plan = taken.counted()
        stored_plans.check(plan)
        if not Overview(plan).look().complete:
            from dcgan.workers import worker

            _, artefacts = worker.prepare(plan, extractors_of(plan, self.storage))
            check_runs(plan, artefacts.values())
        taken.put_here()

    def again(self, plan: Plan, watching: Watching) -> Standing:
        """Trains what is left of a study that was planned, with what failed before; returns how it stands.

        Raises as `run`, and Misuse where nothing failed.
        """
        for line in [*failed_before(plan), *_watched(plan)]:
            message(line)
        return self._run_stage(plan, 0.0, watching)

    def replicate(self, plan: Plan, watching: Watching) -> Standing:
        """Trains what is left of a replication, and returns how it stands. Raises as `run`."""
        seeds = f"{plan.seeds[0]} to {plan.seeds[-1]}"
        message(f"study {plan.study}: replicates {plan.sweep.replicates} on seeds {seeds}, judged alone")
        for line in _watched(plan):
            message(line)
        return self._run_stage(plan, 0.0, watching)

    def _run_stage(self, plan: Plan, spent: float, watching: Watching) -> Standing:
        """How the study stands after its workers are done. `spent`: seconds that stages before it took."""
        wandb_settings.check()
        with stopping() as stop:
            try:
                queue, complaints = self._train(plan, spent, watching, stop)
            except Interrupted as interruption:
                message(f"study {plan.study}: {Overview(plan).look().line()}")
                if isinstance(interruption, Detached):
                    raise
                raise Interrupted(
                    f"study '{plan.study}' stopped; nothing is lost, type the same command again to go on"
                ) from None
        queue.collect()
        queue.curves.fetch(plan.now().trials)
        trials_table.write(plan.now())
        for complaint in complaints:
            note(complaint)
        standing = Overview(plan).look()
        if not any(standing.counts[status] for status in FINAL):
            raise DcganError(f"study '{plan.study}': no trial finished; {standing.first_failure}")
        return standing

    def _train(
        self, plan: Plan, spent: float, watching: Watching, stop: Callable[[], bool]
    ) -> tuple[TrialSource, list[str]]:
        """The study's queue once its workers are done, and what was wrong with them, a line each."""
        before = Overview(plan).look()
        # Before anything is written: what cannot be trained leaves nothing behind.
        extractors = extractors_of(plan, self.storage, stop)
        begin = _prepared(plan, extractors, before)
        workers = 1 if self.time is None else self._workers(plan, plan.expected)  # which a time alone asks for
        shown = self._within_time(plan, workers, spent)
        plan = stored_plans.write(plan)
        queue = mended(plan.directory, lambda: queue_of(plan, self.storage, stop))
        begin(queue)
        queue.give_time(None if self.time is None else parse_duration(self.time) - spent, workers)
        waiting = queue.fill()
        trials_table.write(plan)
        message(f"study {plan.study}: {before.line()}; in {plan.directory}")
        for line in baseline_lines(plan):
            message(line)
        if not waiting and not queue.others_busy():
            return queue, []
        workers = self._workers(plan, waiting)
        with watching(shown, workers, queue.running_elsewhere):
            return queue, self.launcher.launch(Job(plan, queue, workers, self.storage, stop))

    def _workers(self, plan: Plan, waiting: int) -> int:
        return self.workers or self.launcher.usual_workers(plan, waiting)

    def _within_time(self, plan: Plan, workers: int, spent: float) -> Plan:
        """The part of the plan that fits into the time, of which so many seconds are spent; without one, the plan."""
        if self.time is None:
            return plan
        from dcgan.study.outlook import look_ahead

        outlook = look_ahead(plan, workers, self.time, spent)
        assert outlook.budget is not None  # noqa: S101 - for the type checker
        message(outlook.in_time())
        return within(plan, outlook.todo, outlook.budget)


def _watched(plan: Plan) -> list[str]:
    """Where W&B shows the study, if it does: that stands in no plan, and whoever types a study's name may not know."""
    mode = wandb_settings.check()
    if mode == "disabled":
        return []
    from dcgan.tracking.asking_wandb import usual_place

    place = usual_place(plan.study)
    where = str(place) if place.entity else place.project
    return [f"W&B is {mode}: project {where} (tracking.project=NAME for another one, tracking.wandb=disabled for none)"]


def _prepared(plan: Plan, extractors: Extractors, standing: Standing) -> Callable[[TrialSource], None]:
    """What records in the study's queue with which data and extractors it is trained, once they are loaded here.

    Nothing of a study that is complete, which is gone on with without PyTorch. Raises as `worker.prepare`.
    """
    if standing.complete:
        return lambda queue: queue.record_data({})
    from dcgan.workers import worker

    fingerprints, artefacts = worker.prepare(plan, extractors)
    return lambda queue: worker.begin(queue, fingerprints, artefacts)
