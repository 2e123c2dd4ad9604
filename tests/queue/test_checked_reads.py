"""Damaged and hostile values in a storage: named, left out, and what hung on them done again."""

from __future__ import annotations

import json
import math
import secrets
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from dcgan.common import messages
from dcgan.common.errors import DcganError
from dcgan.queue import Queue
from dcgan.queue.plan_entries import outcome_in
from dcgan.queue.storage import open_storage
from dcgan.queue.stored_values import UNKNOWN
from dcgan.study.outcomes import outcome_of
from tests.postgres import Server
from tests.queue.filled import drained, filled, plan_of, states
from tests.tiny import record

HOSTILE = {
    "entry": {"after": "x", "deaths": -math.inf},
    "owner": {"id": "../../../dev/zero", "host": "h"},
    "beat": math.nan,
    "progress": {"images": math.inf, "score": math.nan},
    "outcome": {"status": ["finished"]},
    "levels": 5,
}


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    messages.say_once.cache_clear()


@pytest.mark.parametrize("name", HOSTILE)
def test_an_attribute_that_this_program_did_not_write_is_left_out(
    write_sweep: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(write_sweep, seeds=1)
    queue = filled(plan)
    storage = queue._storage.storage
    first = storage.get_all_trials(queue._key)[0]
    storage.set_trial_user_attr(first._trial_id, name, HOSTILE[name])
    assert name not in storage.get_all_trials(queue._key)[0].user_attrs
    assert f"study 'small' is damaged: of trial 0, its '{name}' is" in capsys.readouterr().err
    queue.running_elsewhere()
    assert len(drained(queue)) == len(plan.trials), "every trial is handed out all the same"


@pytest.mark.parametrize(
    ("name", "value"), [("lease", math.nan), ("planned", 5), ("data", [1]), ("time", {"token": 1})]
)
def test_an_attribute_of_the_study_that_is_damaged_is_set_anew(
    write_sweep: Any, name: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(write_sweep, seeds=1)
    queue = filled(plan)
    queue._storage.storage.set_study_user_attr(queue._key, name, value)
    again = Queue(plan)
    assert again.lease > 0
    with again.claim() as claim:
        assert claim is not None
    assert f"study 'small' is damaged: its '{name}' is" in capsys.readouterr().err


def test_not_a_number_in_a_finished_record_is_trained_again(apart: Any, capsys: pytest.CaptureFixture[str]) -> None:
    here, there = apart("here"), apart("there")
    with there.claim() as claim:
        there.settle(claim, record(claim.trial, scores={"fid": math.nan}))
    apart("here")
    here.collect()
    assert outcome_of(claim.trial) is None
    assert "of trial 0, its 'outcome' is" in capsys.readouterr().err
    assert outcome_in(here._storage.storage.get_all_trials(here._key)[0]) == {"status": UNKNOWN}
    cells = []
    while True:
        with here.claim() as again:
            if again is None:
                break
            cells.append((again.trial.arm, again.trial.seed))
            here.settle(again, record(again.trial, scores={"fid": 1.5}))
    assert (claim.trial.arm, claim.trial.seed) in cells


def test_a_value_that_no_sampler_can_compare_is_a_failure(write_sweep: Any) -> None:
    plan = plan_of(write_sweep, seeds=1)
    queue = filled(plan)
    key = queue._storage.storage.get_all_trials(queue._key)[0]._trial_id
    queue._storage.storage.set_trial_state_values(key, TrialState.RUNNING)
    queue._storage.storage.set_trial_state_values(key, TrialState.COMPLETE, [math.nan])
    assert states(plan)["COMPLETE"] == 0
    complete = queue._storage.storage.get_all_trials(queue._key, states=(TrialState.COMPLETE,))
    assert complete == []


def test_rows_that_no_trial_can_be_made_of_stop_nobody(
    write_sweep: Any, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.new_database("rows_that_are_damaged")
    plan = plan_of(write_sweep, seeds=1)
    Queue(plan, url).fill()
    postgres.tell("rows_that_are_damaged", "update trial_user_attributes set value_json = '{' where trial_id = 1")
    queue = Queue(plan, url)
    queue.fill()
    assert "of trial 0, its rows are damaged" in capsys.readouterr().err
    assert len(drained(queue)) == len(plan.trials)


_REAL = """'{"name":"FloatDistribution","attributes":{"log":false,"step":null,"low":0.0,"high":1e18}}'"""
_CHOICE = """'{"name":"CategoricalDistribution","attributes":{"choices":["abc",null]}}'"""


@pytest.mark.parametrize(("kind", "value"), [(_REAL, "'NaN'"), (_REAL, "'Infinity'"), (_REAL, "0.5"), (_CHOICE, "0")])
def test_a_seed_that_is_none_stops_nobody(
    write_sweep: Any, postgres: Server, capsys: pytest.CaptureFixture[str], kind: str, value: str
) -> None:
    name = f"seed_{secrets.token_hex(4)}"
    url = postgres.new_database(name)
    plan = plan_of(write_sweep, seeds=1)
    Queue(plan, url).fill()
    change = f"set distribution_json = {kind}, param_value = {value} where trial_id = 1 and param_name = 'seed'"
    postgres.tell(name, f"update trial_params {change}")
    queue = Queue(plan, url)
    queue.fill()
    assert "study 'small' is damaged: of trial 0, its seed is" in capsys.readouterr().err
    assert len(drained(queue)) == len(plan.trials)


def test_a_state_that_optuna_does_not_know_is_one_line(write_sweep: Any, postgres: Server) -> None:
    url = postgres.new_database("another_state")
    plan = plan_of(write_sweep, seeds=1)
    Queue(plan, url).fill()
    postgres.tell("another_state", "alter type trialstate add value 'FOO'")
    postgres.tell("another_state", "update trials set state = 'FOO' where trial_id = 1")
    with pytest.raises(DcganError, match="the storage is damaged .LookupError"):
        Queue(plan, url).fill()


def test_what_is_sound_is_given_out_as_it_is(write_sweep: Any) -> None:
    queue = filled(plan_of(write_sweep, seeds=1))
    drained(queue)
    storage = open_storage(queue.plan.directory, None)
    trials = storage.get_all_trials(queue._key, deepcopy=False)
    assert all(
        one is other for one, other in zip(trials, storage.get_all_trials(queue._key, deepcopy=False), strict=True)
    )
    assert json.dumps([trial.user_attrs for trial in trials])


def test_what_reads_one_trial_does_not_see_what_is_damaged_either(write_sweep: Any) -> None:
    queue = filled(plan_of(write_sweep, seeds=1))
    storage = queue._storage.storage
    first = storage.get_all_trials(queue._key)[0]
    for name, value in HOSTILE.items():
        storage.set_trial_user_attr(first._trial_id, name, value)
    assert not set(HOSTILE) & storage.get_trial(first._trial_id).user_attrs.keys()


def test_values_that_cannot_be_read_at_all_are_one_line(write_sweep: Any, postgres: Server) -> None:
    url = postgres.new_database("values_that_are_no_json")
    plan = plan_of(write_sweep, seeds=1)
    Queue(plan, url).fill()
    postgres.tell("values_that_are_no_json", "update study_user_attributes set value_json = '{'")
    with pytest.raises(DcganError, match=r"the storage is damaged .JSONDecodeError: .*: give the study another name"):
        Queue(plan, url)


def test_every_storage_can_be_released(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, None)
    storage.release()
    assert storage.get_all_studies() == []
