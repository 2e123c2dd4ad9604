"""What became of a trial, from its run's record."""

from __future__ import annotations

from typing import Any

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
