"""Runs that were made elsewhere, put where they would be if they had been made here: their description and record."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from operator import methodcaller

from dcgan.common.errors import DcganError
from dcgan.common.files import locked, write_atomically
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import LOCK
from dcgan.study.plan import Trial


def restore(trial: Trial, record: RunRecord, beside: Mapping[str, bytes] | None = None) -> bool:
    """Writes runs/ID/{experiment.yaml,run.json} of a run that another machine made; returns whether it did.

    It does if this machine has no such finished run, or if the run was scored again since. A run that is being trained
    here, or whose record here cannot be read, is left alone, and so is one whose record is another run's.

    `beside`: further files of its folder by their names, `scores.csv` or `samples/final.png`: they come before the
    record, which says that the run is over.
    """
    run = trial.directory
    with contextlib.suppress(DcganError), locked(run.path / LOCK, wait=False) as free:
        record_here = run.record()
        if record.id not in ("", trial.run) or not free:
            return False
        if record_here and record_here.is_over and len(record_here.earlier_scores) >= len(record.earlier_scores):
            return False
        run.describe(trial.experiment)
        for name, content in (beside or {}).items():
            write_atomically(run.place(name), methodcaller("write", content))
        run.write_record(record)
        return True
    return False
