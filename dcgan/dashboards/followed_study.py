"""A study looked at again and again: its plan, how it stands, and the rows of its run directories, read where they
changed. Whoever shows a study while it runs asks here; nothing is read while nobody asks.

Where the queue is in a database, a look writes down here what machines that do not share this folder have finished:
records, the combinations of a search, curves and last grids. Without one it writes nothing.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.messages import note
from dcgan.queue import queue_of
from dcgan.queue.claim import TrialSource
from dcgan.records import plan_file, run_record
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial
from dcgan.study.stages import tuning_stage
from dcgan.study.status import Overview, Running, Standing
from dcgan.sweeps.designs.search import SUFFIX
from dcgan.tracking.rows import Row, rows
from dcgan.workers.joining import joiner

SECONDS = 1.0  # between two looks; whoever asks sooner is given the last one
_PUBLISHED = 10.0  # seconds between looks into a database for another plan
_DERIVED = {"step", "epoch"}  # columns that are the images seen in another unit

Stamp = tuple[tuple[int, int], ...]  # when each file was changed, and its size


@dataclass(frozen=True)
class FollowedRun:
    """A trial's run as far as it is: `name` is `ARM/sSEED`, `rows` what it recorded, in the order of images seen.

    `over`: whether it is not trained again; `changed`: when, in seconds since the epoch.
    """

    name: str
    trial: Trial
    rows: tuple[Row, ...]
    over: bool
    changed: float

    @cached_property
    def grids(self) -> Mapping[int, Path]:
        """Its sample grids by the images seen."""
        return {row.images: row.grid for row in self.rows if row.grid is not None}

    def grid_id(self, images: int) -> str:
        """Its name of a sample grid, by which `Look.grid` finds it: hexadecimal digits and hyphens, so that it can be
        part of an address."""
        return f"{self.trial.run}-{images}"

    @cached_property
    def curves(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Its columns and scores by their names: of each the images seen and the value, point by point."""
        points: dict[str, list[tuple[int, float]]] = {}
        for row in self.rows:
            for name, value in row.values.items():
                points.setdefault(name, []).append((row.images, value))
        return points


@dataclass(frozen=True)
class Look:
    """A study at one moment: its plan, how it stands, and by their names the runs that have begun."""

    plan: Plan
    standing: Standing
    runs: Mapping[str, FollowedRun]

    @cached_property
    def by_id(self) -> Mapping[str, FollowedRun]:
        """The runs by their ids."""
        return {run.trial.run: run for run in self.runs.values()}

    @cached_property
    def by_arm(self) -> Mapping[str, Sequence[FollowedRun]]:
        """The runs of each arm that has some."""
        found: dict[str, list[FollowedRun]] = {}
        for run in self.runs.values():
            found.setdefault(run.trial.arm, []).append(run)
        return found

    def grid(self, grid_id: str) -> Path | None:
        """The file of a sample grid by its `FollowedRun.grid_id`; None for anything else."""
        name, _, images = grid_id.rpartition("-")
        run = self.by_id.get(name)
        return run.grids.get(int(images)) if run is not None and images.isdecimal() else None

    @property
    def ended(self) -> frozenset[tuple[str, str]]:
        """The runs that are over, each with how it ended and how often it was tried."""
        return frozenset(
            (run, f"{record.status} {record.attempts} {record.scores}")
            for run, record in self.standing.outcomes.items()
            if record.status != "running"
        )


class FollowedStudy:
    """See the module. May be asked by several threads at once."""

    def __init__(self, study: str, url: str | None) -> None:
        """`url`: the database that the queue is in, if it is. Raises Misuse for a study that is not there."""
        self._study, self._url = study, url
        self._join = joiner(study, url)
        self._lock = threading.Lock()
        self._plans: Stamp = ()
        self._joined = self._looked = 0.0
        self._read: dict[str, tuple[Stamp, FollowedRun]] = {}
        self._told: set[str] = set()
        self._fetched: set[str] = set()  # the runs that were over when curves were asked for
        self._scored_again = False
        self._follow(self._join())
        self._last = self._look()

    def look(self) -> Look:
        """The study now, or as it was within the last second."""
        with self._lock:
            if time.monotonic() - self._looked >= SECONDS:
                try:
                    self._replan()
                    self._last = self._look()
                except DcganError as error:  # a file that is damaged, or just being replaced
                    self._tell(str(error))
                self._looked = time.monotonic()
            return self._last

    def _follow(self, plan: Plan) -> None:
        self._plans, self._joined = self._stamp_of_plans(), time.monotonic()
        self._queue: TrialSource | None = None if self._url is None else queue_of(plan, self._url, lambda: False)
        self._overview = Overview(plan, self._elsewhere)

    def _replan(self) -> None:
        """Takes up another plan: with more seeds, or of the study's next stage."""
        asked = self._url is not None and time.monotonic() - self._joined > _PUBLISHED
        if asked or self._stamp_of_plans() != self._plans:
            self._follow(self._join())

    def _stamp_of_plans(self) -> Stamp:
        names = (self._study, tuning_stage.name(self._study), self._study + SUFFIX)
        return _stamp(*(paths.studies() / name / plan_file.NAME for name in names))

    def _elsewhere(self) -> Sequence[Running]:
        """What workers are at that do not share this folder."""
        return () if self._queue is None else self._queue.running_elsewhere()

    def _fetch_curves(self, standing: Standing) -> None:
        """Writes down here the curves that came with the records of elsewhere; asks for them when another trial has
        ended: they are sent before its record."""
        over = {run for run, record in standing.outcomes.items() if record.is_over}
        if self._queue is None or over <= self._fetched:
            return
        self._fetched = over
        try:
            self._queue.curves.fetch(standing.plan.trials)
        except DcganError as error:  # damaged: the rest is shown
            self._tell(str(error))

    def _look(self) -> Look:
        if self._queue is not None:
            self._queue.collect()  # first, so that what has ended elsewhere is seen by this look
        standing = self._overview.look()
        self._fetch_curves(standing)
        plan = standing.plan
        found = [self._run(plan, trial, standing.outcomes.get(trial.run)) for trial in plan.trials]
        if self._scored_again:  # the overview reads what is over once
            self._scored_again = False
            self._overview = Overview(plan, self._elsewhere)
            standing = self._overview.look()
        return Look(plan, standing, {run.name: run for run in found if run is not None})

    def _run(self, plan: Plan, trial: Trial, record: RunRecord | None) -> FollowedRun | None:
        """The run of a trial, read again if one of its files changed; None for one that has not begun."""
        folder = trial.directory.path
        files = (folder / name for name in (run_record.NAME, "metrics.csv", "scores.csv", "samples"))
        stamp = _stamp(*files)
        if not any(changed for changed, _ in stamp):
            return None
        before = self._read.get(trial.run)
        if before is None or before[0] != stamp:
            self._scored_again |= before is not None and before[1].over
            changed = max(changed for changed, _ in stamp) / 1e9
            name = f"{plan.label(trial.arm)}/s{trial.seed}"
            over = record is not None and record.is_over
            run = FollowedRun(name, trial, self._rows(trial, record), over, changed)
            before = self._read[trial.run] = (stamp, run)
        return before[1]

    def _rows(self, trial: Trial, record: RunRecord | None) -> tuple[Row, ...]:
        last = record.images if record is not None and record.is_over else None
        try:
            found = rows(trial.directory, last=last)
        except (DcganError, OSError, KeyError, TypeError, ValueError) as error:
            self._tell(f"{trial.directory.path}: its tables cannot be read ({error}); the other runs are shown")
            return ()
        return tuple(Row(row.images, _without(row.values), row.grid) for row in found)

    def _tell(self, trouble: str) -> None:
        """Says it once."""
        if trouble not in self._told:
            self._told.add(trouble)
            note(trouble)


def _without(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if name not in _DERIVED}


def _stamp(*files: Path) -> Stamp:
    found = []
    for file in files:
        stat = None
        with contextlib.suppress(OSError):
            stat = file.stat()
        found.append((0, 0) if stat is None else (stat.st_mtime_ns, stat.st_size))
    return tuple(found)
