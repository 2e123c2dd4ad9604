"""Runs of workers that do not share this folder, running or finished, and runs that no worker could finish."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optuna.trial import TrialState

from dcgan.common.errors import DcganError
from dcgan.common.files import locked
from dcgan.queue.heartbeat import owner_of
from dcgan.queue.plan_entries import Cell, PlanEntries, cell_of
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import LOCK
from dcgan.study.outcomes import failed
from dcgan.study.plan import Trial
from dcgan.study.restoring import restore
from dcgan.study.status import Running, progress


def received(trial: Trial, content: Mapping[str, Any]) -> bool:
    """Puts a run here whose record another machine sent, as `restore` does; returns whether it did. A record that
    cannot be read is left alone."""
    with contextlib.suppress(DcganError):
        return restore(trial, RunRecord.from_json(content, f"the record of run {trial.run} in the storage"))
    return False


def progress_of(trial: Trial, metric: str) -> dict[str, float | None]:
    """How far a trial of this process is, for workers elsewhere."""
    running = progress(trial, 0, metric)
    return {"images": running.images, "score": running.score}


def running_elsewhere(entries: PlanEntries, trials: Mapping[Cell, Trial], here: str) -> list[Running]:
    """The trials of workers that do not share the folder of the id `here`, with the progress that they last sent."""
    running = []
    for entry in entries.in_state(TrialState.RUNNING):
        if owner_of(entry).get("place") not in {None, here}:
            sent = entry.user_attrs.get("progress") or {}
            running.append(Running(trials[cell_of(entry)], int(sent.get("images") or 0), sent.get("score")))
    return running


def record_failure(trial: Trial, reason: str) -> None:
    """Records in the run's directory that it failed, unless it is over or a process has it after all."""
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / LOCK, wait=False) as free:
        record_here = run.record()
        if not free or (record_here and record_here.is_over):
            return
        run.describe(trial.experiment)
        run.write_record(
            replace(record_here, status="failed", failure=reason) if record_here else failed(trial, reason)
        )
