"""One asked combination of a search: trained after the baseline, on all seeds, and led to its end by `dcgan sweep`."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.records import search_file
from dcgan.study import stored_plans, trials_table
from dcgan.study.search_progress import progress_lines, search_progress
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps.sweep import Sweep
from dcgan.workers.asked_trial import AskedTrial
from dcgan.workers.driver import Driver
from dcgan.workers.launchers import launcher
from dcgan.workers.one_combination import train_combination
from tests.queue.searches import WIDTH

pytestmark = [pytest.mark.usefixtures("shared_extractor"), pytest.mark.slow]


def _sweep(write_sweep: Any, **search: Any) -> Sweep:
    design = {"search": {"trials": 4, "confirm": 1, **search}}
    return sweeps.load(write_sweep(factors=["batch_norm", WIDTH], design=design, seeds=1))


def _train(sweep: Sweep, tip: str, width: str) -> AskedTrial:
    return train_combination(sweep, {"batch_norm": tip, "generator.width": width}, None, lambda: False)


def _table() -> dict[tuple[str, str], str]:
    rows = trials_table.rows(stored_plans.load("small-search"))
    return {(row["arm"], str(row["seed"])): row["status"] for row in rows}


def test_the_baseline_first_then_what_is_asked_each_once(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = _sweep(write_sweep, seeds=2)
    asked = _train(sweep, "True", "10")
    assert "the baseline first" in capsys.readouterr().err
    assert asked.trained and asked.trial is not None and (asked.trial.arm, asked.trial.seed) == ("s001", 2_000_000)
    assert _table() == dict.fromkeys(
        [(arm, seed) for arm in ("s000", "s001") for seed in ("2000000", "2000001")], "finished"
    )
    again = _train(sweep, "on", "10.0")
    assert not again.trained and again.record == asked.record
    baseline = _train(sweep, "off", "8")
    assert not baseline.trained and baseline.trial is not None and baseline.trial.arm == "s000"
    assert "the baseline first" not in capsys.readouterr().err
    lines = "\n".join(progress_lines(search_progress(stored_plans.load("small-search")), "fid"))
    assert "2 of 4 combinations asked, 2 finished" in lines


def test_dcgan_sweep_goes_on_with_it_and_confirms(write_sweep: Any) -> None:
    from contextlib import nullcontext

    sweep = _sweep(write_sweep)
    _train(sweep, "on", "16")
    Driver(launcher("local", []), 1).run(sweep, lambda *_: nullcontext())
    assert len(_table()) == 4 and set(_table().values()) == {"finished"}
    record = search_file.read(paths.studies() / "small")
    assert record is not None and record.asked == 4
    if record.chosen:
        with pytest.raises(Misuse, match="the search 'small-search' is over"):
            _train(sweep, "on", "9")


def test_a_point_outside_the_space_leaves_nothing(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match="expected a whole number in 4..16"):
        _train(_sweep(write_sweep), "on", "99")
    assert not paths.studies().exists()


def test_one_that_cannot_be_is_no_failure(write_sweep: Any) -> None:
    order = {"path": "update.order", "levels": ["d_first", "simultaneous"]}
    steps = {"path": "update.d_steps", "levels": [2, 1]}
    sweep = sweeps.load(write_sweep(factors=[order, steps], design={"search": {"trials": 3, "confirm": 1}}, seeds=1))
    asked = train_combination(sweep, {"update.order": "simultaneous", "update.d_steps": "2"}, None, lambda: False)
    assert asked.trial is None and asked.record is None
    assert "refused" in asked.line() and "needs update.order=d_first" in asked.line()
