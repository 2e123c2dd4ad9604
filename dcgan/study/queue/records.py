"""Runs that this folder did not see: what a worker elsewhere finished, and what no worker could finish."""

from __future__ import annotations

import contextlib

import dcgan
from dcgan.errors import DcganError
from dcgan.files import locked
from dcgan.study.outcome import Outcome
from dcgan.study.plan import Trial
from dcgan.tracking.directory import FINAL


def restore(trial: Trial, record: Outcome) -> bool:
    """Writes runs/ID/{experiment.yaml,run.json} from a record that another machine sent, if this one has no such run.

    Returns whether it did. A run that is being trained here, or whose record here cannot be read, is left alone.
    """
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / ".lock", wait=False) as free:
        known = run.record()
        if not free or (known and known["status"] in FINAL):
            return False
        run.describe(trial.experiment)
        run.write_record(record)
        return True
    return False


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
