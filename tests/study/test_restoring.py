"""Runs that were made elsewhere: put here where there is none, never over what is here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dcgan.common.files import locked
from dcgan.runs.directory import LOCK
from dcgan.study.outcomes import outcome_of
from dcgan.study.restoring import restore
from tests.study.recorded import stored_plan, write_run
from tests.tiny import record


def test_a_run_that_is_not_here_is_written_with_its_description(write_sweep: Any) -> None:
    trial = stored_plan(write_sweep).trials[0]
    made = record(trial, scores={"fid": 1.5})
    assert restore(trial, made)
    assert outcome_of(trial) == made
    assert trial.directory.experiment() == trial.experiment.unwatched()


def test_what_is_here_stays_unless_it_was_scored_again_there(write_sweep: Any) -> None:
    first, second = stored_plan(write_sweep).trials[:2]
    write_run(first, scores={"fid": 2.0})
    elsewhere = record(first, scores={"fid": 1.0})
    assert not restore(first, elsewhere)
    again = replace(elsewhere, earlier_scores=({"scores": {"fid": 2.0}},))
    assert restore(first, again) and outcome_of(first) == again
    write_run(second, status="failed")
    assert restore(second, record(second))


def test_a_run_that_is_trained_here_and_the_record_of_another_one_are_left_alone(write_sweep: Any) -> None:
    first, second = stored_plan(write_sweep).trials[:2]
    write_run(first, status="running")
    with locked(first.directory.path / LOCK, wait=False) as mine:
        assert mine
        assert not restore(first, record(first))
    assert not restore(second, record(first))
    assert outcome_of(second) is None
