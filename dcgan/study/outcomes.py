"""What became of the trials of a study, read from their run directories: the truth, whatever the queue says."""

from __future__ import annotations

from dcgan.common.errors import DcganError
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial


def outcome_of(trial: Trial) -> RunRecord | None:
    """The record of a trial's run; None if it never began. A damaged record is a failure that says so."""
    try:
        return trial.directory.record()
    except DcganError as error:
        return failed(trial, str(error))


def failed(trial: Trial, why: str) -> RunRecord:
    """What is said in place of the record of a run that left none."""
    return RunRecord(id=trial.run, name=trial.experiment.name, seed=trial.seed, status="failed", failure=why)


def outcomes(plan: Plan) -> dict[str, RunRecord]:
    """The record of every run of the plan that was begun, by run id."""
    records = {trial.run: outcome_of(trial) for trial in plan.trials}
    return {run: record for run, record in records.items() if record is not None}
