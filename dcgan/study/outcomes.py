"""What became of the trials of a study, read from their run directories: the truth, whatever the queue says."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

import dcgan
from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.url_text import without_passwords
from dcgan.records import run_record
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial


class DamagedRecord(RunRecord):
    """What stands for a record that cannot be read: a failure that says so, and of which nothing else is known."""


def outcome_of(trial: Trial) -> RunRecord | None:
    """The record of a trial's run; None if it never began. A damaged record is a failure that says so."""
    try:
        return trial.directory.record()
    except DcganError as error:
        return DamagedRecord(**_known(trial), status="failed", failure=str(error))


def outcome_within(plan: Plan, trial: Trial) -> RunRecord | None:
    """As `outcome_of`, or what the plan was given of a run that is not over here."""
    here = outcome_of(trial)
    return here if here is not None and here.is_over else plan.given.get(trial.run, here)


def is_over(run: str) -> bool:
    """Whether the run of that id ended, by its record; of a damaged one that is not known."""
    with contextlib.suppress(DcganError):
        record = run_record.read(paths.runs() / run)
        return record is not None and record.is_over
    return False


def failed(trial: Trial, why: str) -> RunRecord:
    """The record of a run that failed before it began. Others read it, in the storage and in W&B."""
    return RunRecord(**_known(trial), status="failed", failure=without_passwords(why), version=dcgan.__version__)


def _known(trial: Trial) -> dict[str, Any]:
    return {"id": trial.run, "name": trial.experiment.name, "seed": trial.seed}


def outcomes(plan: Plan) -> dict[str, RunRecord]:
    """The record of every run of the plan that was begun, by run id."""
    records = {trial.run: outcome_within(plan, trial) for trial in plan.trials}
    return {run: record for run, record in records.items() if record is not None}


def scores(plan: Plan, known: Mapping[str, RunRecord]) -> dict[str, dict[int, float]]:
    """The metric of the plan's finished runs, by arm and seed, as far as it is a finite number; `known`: by run id."""
    values: dict[str, dict[int, float]] = {}
    for trial in plan.trials:
        value = known[trial.run].score(plan.sweep.metric) if trial.run in known else None
        if value is not None and math.isfinite(value):
            values.setdefault(trial.arm, {})[trial.seed] = value
    return values
