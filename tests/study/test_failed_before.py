"""Which trials are asked for again, and a trial that was given up before its run had begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.queue import Queue
from dcgan.queue.remote_runs import record_failure
from dcgan.records import run_record
from dcgan.study.failed_before import failed_before
from dcgan.study.outcomes import outcome_of
from tests.queue.filled import filled, plan_of
from tests.tiny import record


def _given_up(write_sweep: Any) -> Any:
    """A study of one arm pair whose first trial was given up: its workers died before they had written anything."""
    plan = plan_of(write_sweep, seeds=1)
    queue = filled(plan)
    with queue.claim() as claim:
        assert claim is not None
        record_failure(claim.trial, "its worker died 4 times (last on here)")
        queue.settle(claim, outcome_of(claim.trial) or record(claim.trial))
    return plan, claim.trial


def test_what_was_given_up_is_named_and_can_be_trained(write_sweep: Any) -> None:
    plan, trial = _given_up(write_sweep)
    assert failed_before(plan) == [f"again: {trial.arm}, seed 0, which failed: its worker died 4 times (last on here)"]
    before = outcome_of(trial)
    assert before is not None and not before.environment
    begun = run_record.begun(trial.run, "tiny", 0, before, {"host": "here"})
    assert (begun.attempts, begun.earlier_environments) == (1, ()), "it never began before"
    assert Queue(plan).fill() == len(plan.trials), "entered again, by the same command"


def test_a_record_as_an_earlier_version_left_it_is_gone_on_with(write_sweep: Any) -> None:
    _, trial = _given_up(write_sweep)
    file = Path(trial.directory.path / "run.json")
    file.write_text('{"status": "failed", "seed": 0, "attempts": 0, "seconds": 0, "images": 0, "scores": {}}')
    before = outcome_of(trial)
    assert before is not None and before.status == "failed"
    assert run_record.begun(trial.run, "tiny", 0, before, {"host": "here"}).attempts == 1


def test_where_nothing_failed_there_is_nothing_to_ask_for(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    with pytest.raises(Misuse, match="--again failed: no trial of study 'small' failed .*waiting"):
        failed_before(plan)
