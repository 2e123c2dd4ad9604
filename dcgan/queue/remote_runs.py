"""Runs that this folder did not see: what workers elsewhere are at or finished, and what no worker could finish."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optuna.trial import TrialState

from dcgan.common.errors import DcganError
from dcgan.common.files import locked
from dcgan.queue.heartbeat import owner_of
from dcgan.queue.plan_entries import Cell, Entries, cell_of
from dcgan.records.run_record import RunRecord
from dcgan.study.outcomes import failed
from dcgan.study.plan import Trial
from dcgan.study.status import Running, progress


def restore(trial: Trial, content: Mapping[str, Any]) -> bool:
    """Writes runs/ID/{experiment.yaml,run.json} from a record that another machine sent, if this one has no such run.

    Or if that one was scored again since. Returns whether it did. A run that is being trained here, or whose record
    here or there cannot be read, is left alone.
    """
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / ".lock", wait=False) as free:
        record, known = RunRecord.from_json(content, f"the record of run {trial.run} in the storage"), run.record()
        if not free or (known and known.is_over and len(known.earlier_scores) >= len(record.earlier_scores)):
            return False
        run.describe(trial.experiment)
        run.write_record(record)
        return True
    return False


def progress_of(trial: Trial, metric: str) -> dict[str, float | None]:
    """How far a trial of this process is, as others are told."""
    told = progress(trial, 0, metric)
    return {"images": told.images, "score": told.score}


def elsewhere(found: Entries, trials: Mapping[Cell, Trial], here: str) -> list[Running]:
    """What the workers that do not share this folder, `here`, are at, as they last said."""
    running = []
    for entry in found.in_state(TrialState.RUNNING):
        if owner_of(entry).get("place") not in {None, here}:
            told = entry.user_attrs.get("progress") or {}
            running.append(Running(trials[cell_of(entry)], int(told.get("images") or 0), told.get("score")))
    return running


def give_up(trial: Trial, reason: str) -> None:
    """Records in the run's directory that it failed, unless it is over or some process has it after all."""
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / ".lock", wait=False) as free:
        known = run.record()
        if not free or (known and known.is_over):
            return
        run.describe(trial.experiment)
        run.write_record(replace(known, status="failed", failure=reason) if known else failed(trial, reason))
