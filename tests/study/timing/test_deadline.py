"""A study within a time: durations, whole blocks, and the trial that would end too late."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.study import plan as planning
from dcgan.study.plan import Plan, Trial
from dcgan.study.timing.deadline import gate, parse_duration, time_budget, within
from dcgan.sweeps import sweep


@pytest.fixture
def plan(write_sweep: Any) -> Plan:
    """Three arms, four seeds."""
    return planning.make(sweep.load(write_sweep(seeds=4)))


@pytest.mark.parametrize(
    ("text", "seconds"), [("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("45s", 45), ("1.5h", 5400), ("1m30s", 90)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "2d", "30m1h", "-1h", "0s", "1 h", "nan", "1e3s"])
def test_what_is_no_duration_is_one_line(text: str) -> None:
    with pytest.raises(Misuse, match="expected a time such as 2h, 90m, 1h30m or 45s"):
        parse_duration(text)


def test_only_whole_blocks_are_in_a_budget(plan: Plan) -> None:
    """A block of three trials of 10 s takes two workers 20 s, and two blocks 30 s together."""
    made = {seconds: time_budget(plan.trials, seconds, 2, lambda _: 10.0) for seconds in (19, 20, 29, 30, 1000)}
    assert [len(each.seeds) for each in made.values()] == [0, 1, 1, 2, 4]
    assert [each.seconds for each in made.values()] == [0, 20, 20, 30, 60]
    assert made[30].trials == plan.trials[:6]


def test_what_is_done_costs_nothing_and_what_does_not_fit_stays_planned(plan: Plan) -> None:
    todo = plan.trials[2:]  # of the first seed one trial is left
    chosen = time_budget(todo, 40, 1, lambda _: 10.0)
    assert chosen.trials == todo[:4]
    assert within(plan, todo, chosen).trials == plan.trials[:6]
    assert len(plan.trials) == 12


def _record(trial: Trial, seconds: float) -> None:
    folder = paths.runs() / trial.run
    folder.mkdir(parents=True)
    record = {"status": "finished", "seed": trial.seed, "attempts": 1, "seconds": seconds, "images": 200, "scores": {}}
    (folder / "run.json").write_text(json.dumps(record))


def test_a_block_begins_only_if_all_of_it_fits_and_then_goes_on_as_long_as_trials_fit(plan: Plan) -> None:
    assert gate(plan, 1, 1)(plan.trials[0]), "nothing is known yet"
    assert not gate(plan, -1, 1)(plan.trials[0])
    for trial in plan.trials[:3]:
        _record(trial, 100.0)
    first, second = plan.trials[3:5]
    assert not gate(plan, 250, 1)(first)
    assert gate(plan, 250, 2)(first)
    assert gate(plan, 350, 1)(first)
    _record(first, 100.0)
    assert gate(plan, 150, 1)(second)
    assert not gate(plan, 50, 1)(second)
