"""What a search's entries say: which one of a combination is valid, what is over, and what the budget has spent."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from dcgan.queue.search_entries import (
    BEYOND,
    REFUSED,
    SearchEntries,
    arm_name,
    attributes_after,
    combination_of,
    status,
)

RUNNING, WAITING, FAIL = TrialState.RUNNING, TrialState.WAITING, TrialState.FAIL
LEVELS = {"batch_norm": "on"}


def _trial(number: int, state: TrialState = RUNNING, ended: str | None = None, **attributes: Any) -> FrozenTrial:
    """The Optuna trial of that number; `ended`: the status of its outcome."""
    outcome = {} if ended is None else {"outcome": {"status": ended, "failure": f"why {number}"}}
    trial = create_trial(state=state, value=1.0 if state == TrialState.COMPLETE else None)
    trial.number = number
    for name, value in {**outcome, **attributes}.items():
        trial.set_user_attr(name, value)
    return trial


def _again(number: int, before: FrozenTrial, state: TrialState = WAITING) -> FrozenTrial:
    """The entry of that number, which requeues another one."""
    return _trial(number, state, **attributes_after(before, died=1))


def test_a_requeued_combination_keeps_its_name_and_levels() -> None:
    first = _trial(3, FAIL, "died", levels=LEVELS)
    again = _again(7, first)
    entries = SearchEntries.read([first, again])
    assert (combination_of(again), again.user_attrs["entry"]) == (3, {"of": 3, "after": 3, "deaths": 1})
    assert entries.last == {3: again}
    assert entries.arms() == {"s003": LEVELS}
    assert (entries.number_of(7), entries.number_of(3)) == (3, None)
    assert entries.in_state(WAITING) == [again]
    assert entries.to_requeue() == [], "it was requeued already"


def test_of_two_entries_that_requeue_the_same_one_the_first_is_valid() -> None:
    first = _trial(0, FAIL, "died", levels=LEVELS)
    one, other, ended = _again(1, first), _again(2, first), _again(3, first, FAIL)
    entries = SearchEntries.read([first, one, other, ended])
    assert entries.last == {0: one}
    assert entries.superseded == [other], "what has ended needs no end"


@pytest.mark.parametrize(("ended", "requeued"), [("died", True), ("released", True), ("failed", False)])
def test_what_ended_without_an_outcome_is_to_be_requeued(ended: str, requeued: bool) -> None:
    trial = _trial(0, FAIL, ended, levels=LEVELS)
    assert SearchEntries.read([trial]).to_requeue() == ([trial] if requeued else [])


def test_combinations_that_were_given_up_are_over_and_refused_ones_say_why() -> None:
    trials = [
        _trial(0, TrialState.COMPLETE, "finished", levels=LEVELS),
        _trial(1, TrialState.PRUNED, "pruned", levels=LEVELS),
        _trial(2, FAIL, "diverged", levels=LEVELS),
        _trial(3, FAIL, "failed", levels=LEVELS),
        _trial(4, FAIL, REFUSED),
        _trial(5, RUNNING, "failed", levels=LEVELS),
    ]
    entries = SearchEntries.read(trials)
    assert entries.over() == {"s001", "s002", "s003"}
    assert entries.refusals() == ("why 4",)
    assert status(trials[5]) is None, "it runs: what its worker wrote last is not its end"


def test_refused_combinations_cost_nothing_until_they_are_as_many_as_the_budget() -> None:
    def spent(*ended: str) -> int:
        return SearchEntries.read([_trial(number, FAIL, each) for number, each in enumerate(ended)]).spent(2)

    assert spent() == 0
    assert spent("failed", REFUSED, REFUSED) == 1
    assert spent("failed", REFUSED, REFUSED, REFUSED) == 2
    assert spent("failed", BEYOND, BEYOND) == 1, "what is beyond the budget is not of it"


def test_what_is_spent_before_a_combination_does_not_count_those_after_it() -> None:
    entries = SearchEntries.read([_trial(number, FAIL, "failed", levels=LEVELS) for number in range(4)])
    assert [entries.spent(9, before=number) for number in range(4)] == [0, 1, 2, 3]
    assert entries.spent(9) == 4


def test_names_of_combinations_sort_as_they_were_asked() -> None:
    assert [arm_name(number) for number in (0, 7, 123)] == ["s000", "s007", "s123"]
