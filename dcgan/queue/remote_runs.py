"""Runs that this folder did not see: what workers elsewhere are at or finished, and what no worker could finish."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from optuna.trial import TrialState

import dcgan
from dcgan.common.errors import DcganError
from dcgan.common.files import locked
from dcgan.queue.heartbeat import owner_of
from dcgan.queue.plan_entries import Cell, Entries, cell_of
from dcgan.runs.directory import FINAL
from dcgan.study.outcomes import Outcome
from dcgan.study.plan import Trial
from dcgan.study.status import Running, progress


def restore(trial: Trial, record: Outcome) -> bool:
    """Writes runs/ID/{experiment.yaml,run.json} from a record that another machine sent, if this one has no such run.

    Or if that one was scored again since. Returns whether it did. A run that is being trained here, or whose record
    here cannot be read, is left alone.
    """
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / ".lock", wait=False) as free:
        known = run.record()
        if not free or (known and known["status"] in FINAL and _times_scored(known) >= _times_scored(record)):
            return False
        run.describe(trial.experiment)
        run.write_record(record)
        return True
    return False


def _times_scored(record: Outcome) -> int:
    """How often a run was scored again since it ended."""
    return len(record.get("earlier_scores") or ())


def progress_of(trial: Trial, metric: str) -> dict[str, float | None]:
    """How far a trial of this process is, as others are told."""
    told = progress(trial, {}, metric)
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
        if not free or (known and known["status"] in FINAL):
            return
        run.describe(trial.experiment)
        run.write_record({**_never_began(trial), **(known or {}), "status": "failed", "failure": reason})


def _never_began(trial: Trial) -> Outcome:
    return {
        "id": trial.run,
        "name": trial.experiment.name,
        "seed": trial.seed,
        "attempts": 0,
        "seconds": 0.0,
        "images": 0,
        "scores": {},
        "version": dcgan.__version__,
    }
