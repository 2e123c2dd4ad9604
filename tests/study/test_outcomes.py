"""What became of a trial, from its run's record."""

from __future__ import annotations

from typing import Any

import dcgan
from dcgan.study import outcomes, trials_table
from dcgan.study.status import Overview
from tests.study.recorded import stored_plan, write_run


def test_a_damaged_record_is_a_failure_that_says_so(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    run = write_run(plan.trials[0], status="finished")
    (run.path / "run.json").write_text("{")
    trials_table.write(plan)
    known = outcomes.outcome_of(plan.trials[0])
    assert known is not None
    assert known.status == "failed"
    assert "damaged" in known.failure
    assert Overview(plan).look().counts["failed"] == 1
    assert trials_table.rows(plan)[0]["seconds"] is None, "nobody knows how long it was trained"


def test_a_run_that_failed_before_it_began_took_no_time(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    trial = plan.trials[0]
    record = outcomes.failed(trial, "its worker died once, at postgresql://me:secret@host/x")
    assert record.failure == "its worker died once, at postgresql://me:***@host/x"
    trial.directory.describe(trial.experiment)
    trial.directory.write_record(record)
    assert outcomes.outcome_of(trial) == record
    assert (record.status, record.attempts, record.version) == ("failed", 0, dcgan.__version__)
    assert trials_table.rows(plan)[0]["seconds"] == 0.0
