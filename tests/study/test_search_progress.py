"""How far a search is: its counts, its best combination, and the lines that say so."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dcgan.records.growth import Growth
from dcgan.study.plan import Plan
from dcgan.study.search_progress import progress_lines, search_progress
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep
from tests.study.recorded import write_run


def _searched(write_sweep: Any, *, over: frozenset[str] = frozenset(), refused: tuple[str, ...] = ()) -> Plan:
    """A search of two seeds that asked the baseline and two combinations."""
    design = {"search": {"trials": 5, "seeds": 2}}
    plan = search_stages.search_of(sweep.load(write_sweep(factors=["batch_norm", "he_init"], design=design)))
    start = plan.arms[0].levels
    arms = {plan.baseline: start, "s001": {**start, "batch_norm": "on"}, "s002": {**start, "he_init": "on"}}
    return plan.with_growth(Growth(arms, over, refused))


def _finish(plan: Plan, **fids: float) -> None:
    for trial in plan.trials:
        if trial.arm in fids:
            write_run(trial, status="finished", scores={"fid": fids[trial.arm] + trial.seed % 2})


def test_nothing_ended_yet(write_sweep: Any) -> None:
    progress = search_progress(_searched(write_sweep))
    assert progress == {"trials": 5, "asked": 3, "finished": 0, "pruned": 0, "refused": 0, "best": None}
    assert progress_lines(progress, "fid") == ["3 of 5 combinations asked, 0 finished"]


def test_the_best_is_named_with_what_it_changes(write_sweep: Any) -> None:
    plan = _searched(write_sweep, over=frozenset({"s002"}), refused=("two levels exclude each other",))
    _finish(plan, s000=80.0, s001=40.0, s002=1.0)
    progress = search_progress(plan)
    assert (progress["finished"], progress["pruned"], progress["refused"]) == (2, 1, 1)
    mean = math.sqrt(40.0 * 41.0)  # of its two seeds, geometric
    assert progress["best"] == {
        "arm": "s001",
        "label": "batch_norm on",
        "value": pytest.approx(mean),
        "levels": {"batch_norm": "on"},
    }
    assert progress_lines(progress, "fid") == [
        "3 of 5 combinations asked, 2 finished, 1 pruned, 1 refused",
        "best so far: batch_norm on; fid 40.5 in the search",
    ]


def test_a_combination_counts_once_all_of_its_seeds_finished(write_sweep: Any) -> None:
    plan = _searched(write_sweep)
    write_run(next(trial for trial in plan.trials if trial.arm == "s001"), status="finished", scores={"fid": 1.0})
    _finish(plan, s000=80.0)
    progress = search_progress(plan)
    assert progress["finished"] == 1
    assert progress_lines(progress, "fid")[1] == "best so far: baseline; fid 80.5 in the search"
