"""Runs of other machines, as this one's folder shows them."""

from __future__ import annotations

from typing import Any

from dcgan.study.outcomes import outcome_of
from tests.queue.filled import FINISHED
from tests.tiny import record


def test_what_a_machine_finished_is_written_into_the_folders_of_the_others(apart: Any) -> None:
    here, there = apart("here"), apart("there")
    with there.claim() as claim:
        assert claim is not None
        finished = record(claim.trial, scores={"fid": 1.5})
        there.settle(claim, finished)
    apart("here")
    assert outcome_of(claim.trial) is None
    here.collect()
    assert outcome_of(claim.trial) == finished
    assert claim.trial.directory.experiment().id == claim.trial.run
    apart("there").collect()
    assert outcome_of(claim.trial) is None, "its own runs are its folder's matter: a deleted one is trained again"


def test_the_record_of_another_run_is_not_taken_for_this_one(apart: Any) -> None:
    """As a database that was set back, or whoever writes to it, may mix them up."""
    here, there = apart("here"), apart("there")
    with there.claim() as claim:
        there.settle(claim, FINISHED)
    apart("here")
    here.collect()
    assert outcome_of(claim.trial) is None
