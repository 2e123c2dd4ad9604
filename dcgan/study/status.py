"""How a study stands: how many trials are done, which are being trained, how they do."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from dcgan.common.json_text import UNEXPECTED
from dcgan.records.run_record import FINAL, RunRecord
from dcgan.study.outcomes import outcome_within
from dcgan.study.pending import skipped
from dcgan.study.plan import Plan, Trial


@dataclass(frozen=True)
class Running:
    """A trial that some process is training: how far it is, and its latest intermediate score.

    The score is None until the trained generator has one: that of the untrained one says nothing of the run.
    """

    trial: Trial
    images: int
    score: float | None

    @property
    def share(self) -> float:
        """How much of its budget it has used, 0 to 1."""
        return min(1.0, self.images / self.trial.experiment.budget.images)


@dataclass(frozen=True)
class Standing:
    """The counts of a study. They add up: planned = waiting + running + finished + failed + diverged + pruned.

    `skipped` trials of a study that stops when decided are not among them: their comparison is decided without them.
    `stopped` are those of the waiting ones that have a checkpoint to go on from.
    """

    plan: Plan
    outcomes: Mapping[str, RunRecord]
    running: tuple[Running, ...]
    counts: Mapping[str, int]
    skipped: frozenset[str] = frozenset()
    stopped: tuple[Running, ...] = ()

    @property
    def planned(self) -> int:
        """How many trials there are to be, at most."""
        return self.plan.expected - sum(trial.run in self.skipped for trial in self.plan.trials)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train."""
        return sum(self.counts[status] for status in FINAL) == self.planned

    @property
    def over(self) -> bool:
        """Whether every trial ended; those that failed are tried again by the next launch."""
        return not self.counts["waiting"] and not self.counts["running"]

    @property
    def first_failure(self) -> str:
        """The first failure in the plan's order, as its run recorded it."""
        for trial in self.plan.trials:
            record = self.outcomes.get(trial.run)
            if record and record.status not in ("finished", "running") and record.failure:
                return f"arm '{self.plan.label(trial.arm)}', seed {trial.seed} {record.status}: {record.failure}"
        return "no failure was recorded: see the logs in " + str(self.plan.directory / "workers")

    def to_json(self) -> dict[str, Any]:
        """The counts under the names that scripts rely on."""
        return {"study": self.plan.study, "planned": self.planned, **self.counts, "skipped": len(self.skipped)}

    def line(self) -> str:
        """The counts as people read them: `12 of 36 trials finished, 2 running, 1 diverged, 21 waiting`."""
        counts = dict(self.counts)
        first = f"{counts.pop('finished')} of {self.planned} trials finished"
        told = [f"{count} {status}" for status, count in counts.items() if count]
        left_out = [f"{len(self.skipped)} skipped"] if self.skipped else []
        return ", ".join([first, *told, *left_out]) + self._where_stopped()

    def _where_stopped(self) -> str:
        """`; 2 of those waiting go on where they stopped (at 12,000 of 18,000 images)`; nothing without such."""
        if not self.stopped:
            return ""
        share = attrgetter("share")
        goes = "goes on where it" if len(self.stopped) == 1 else "go on where they"
        ends = self.stopped if len(self.stopped) == 1 else (min(self.stopped, key=share), max(self.stopped, key=share))
        spans = dict.fromkeys(f"{each.images:,} of {each.trial.experiment.budget.images:,}" for each in ends)
        return f"; {len(self.stopped)} of those waiting {goes} stopped (at {' to '.join(spans)} images)"


class Overview:
    """Looks at a plan's run directories again and again; those that are over are read once."""

    def __init__(self, plan: Plan, elsewhere: Callable[[], Iterable[Running]] = tuple) -> None:
        """`elsewhere` tells what workers that do not share this machine's folder are at (`Queue.running_elsewhere`)."""
        self._plan = plan
        self._elsewhere = elsewhere
        self._settled: dict[str, RunRecord] = {}

    def look(self) -> Standing:
        """How the study stands now."""
        self._plan = self._plan.now()
        looked = {
            trial.run: self._settled.get(trial.run) or outcome_within(self._plan, trial) for trial in self._plan.trials
        }
        known = {run: outcome for run, outcome in looked.items() if outcome is not None}
        self._settled = {run: outcome for run, outcome in known.items() if outcome.is_over}
        never = skipped(self._plan, known)
        running, stopped = [], []
        elsewhere = {each.trial.run: each for each in self._elsewhere()}
        counts: Counter[str] = Counter()
        for trial in self._plan.trials:
            if trial.run in never:
                continue
            record = known.get(trial.run)
            status: str = record.status if record else "waiting"
            if record and status == "running" and trial.directory.is_held():
                running.append(progress(trial, record.images, self._plan.sweep.metric))
            elif status in {"running", "waiting"}:
                status = "running" if trial.run in elsewhere else "waiting"
                running += [elsewhere[trial.run]] if trial.run in elsewhere else []
                if status == "waiting" and record and record.images:
                    stopped.append(Running(trial, record.images, None))
            counts[status] += 1
        counts["waiting"] += self._plan.expected - len(self._plan.trials)
        names = ("running", "finished", "failed", "diverged", "pruned", "waiting")
        return Standing(
            self._plan, known, tuple(running), {name: counts[name] for name in names}, never, tuple(stopped)
        )


def progress(trial: Trial, images_before: int, metric: str) -> Running:
    """From the tables that a run writes as it goes, beyond its record's images; a row half written is not there yet."""
    run = trial.directory
    images, score = images_before, None
    with contextlib.suppress(*UNEXPECTED, IndexError):
        images = max(images, int(float(run.rows("metrics")[-1]["images"])))
    with contextlib.suppress(*UNEXPECTED, IndexError):
        last = run.rows("scores")[-1]
        value = float(last[metric])
        score = value if int(last["images"]) and math.isfinite(value) else None
    return Running(trial, images, score)
