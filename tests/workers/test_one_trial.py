"""One asked trial joins the study that `dcgan sweep` leads: planned once, trained once, whoever begins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.queue import Queue
from dcgan.records import plan_file
from dcgan.study import plan as planning
from dcgan.study import stored_plans, trials_table
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.asked_trial import AskedTrial
from dcgan.workers.one_trial import train_one
from tests.postgres import Server
from tests.study.tunings import TUNE

pytestmark = [pytest.mark.usefixtures("shared_extractor"), pytest.mark.slow]


def never() -> bool:
    return False


def _attempts() -> dict[str, int]:
    records = [json.loads(path.read_text()) for path in paths.runs().glob("*/run.json")]
    return {record["id"]: record["attempts"] for record in records}


def _train(path: str, arm: str, seed: int) -> None:
    train_one(sweeps.load(path), {"arm": arm, "seed": str(seed)}, None, never)


def test_the_first_plans_the_study_and_the_last_leaves_it_complete(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"])
    asked = train_one(sweeps.load(path), {"arm": "batch_norm", "seed": "1"}, None, never)
    assert asked.trained and asked.record is not None and asked.record.status == "finished"
    assert "study small, batch_norm, seed 1: finished, fid" in asked.line()
    rows = trials_table.rows(stored_plans.load("small"))
    assert {(row["arm"], row["seed"]): row["status"] for row in rows}["batch_norm", 1] == "finished"
    assert [row["status"] for row in rows].count("planned") == 3
    again = train_one(sweeps.load(path), {"arm": "batch_norm", "seed": "1"}, None, never)
    assert not again.trained and again.record == asked.record
    assert "already finished" in again.line()
    for arm, seed in (("batch_norm", 0), ("bare", 0), ("bare", 1)):
        _train(path, arm, seed)
    plan = stored_plans.load("small")
    assert list(_attempts().values()) == [1] * 4
    assert len({record["protocol"] for record in trials_table.rows(plan)}) == 1, "one extractor"
    assert Queue(plan).fill() == 0, "nothing is left for `dcgan sweep`"


def test_several_begin_at_once_and_each_trial_is_trained_once(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], seeds=1)
    program = [sys.executable, "-m", "dcgan", "sweep", path, "--trial"]
    cells = [["arm=bare", "seed=0"], ["--arm=bare", "--seed=0"], ["--arm", "batch_norm", "--seed", "0"]]
    processes = [subprocess.Popen([*program, *cell], stdout=subprocess.PIPE, text=True) for cell in cells]
    try:
        said = [process.communicate(timeout=240)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * 3
    assert ["already" in text for text in said].count(True) == 1
    assert list(_attempts().values()) == [1] * 2
    plan = stored_plans.load("small")
    assert [row["status"] for row in trials_table.rows(plan)] == ["finished"] * 2
    assert not list((plan.directory / "workers").glob("*.lock"))


def test_a_study_with_more_seeds_keeps_them(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], seeds=1)
    stored_plans.write(_plan(path, seeds=3))
    _train(path, "bare", 2)
    assert plan_file.read(paths.studies() / "small").seeds == (0, 1, 2)
    train_one(sweeps.load(path, {"seeds": 4}), {"arm": "bare", "seed": "3"}, None, never)
    assert plan_file.read(paths.studies() / "small").seeds == (0, 1, 2, 3), "as `dcgan sweep small seeds=4` would do"


def test_what_cannot_be_asked_for_leaves_nothing(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"])
    with pytest.raises(Misuse, match="did you mean 'batch_norm'"):
        _train(path, "batch_nrm", 0)
    with pytest.raises(DcganError, match="batch"):
        train_one(sweeps.load(path, {"update.batch": 500}), {"arm": "bare", "seed": "0"}, None, never)
    with pytest.raises(Misuse, match="did you mean 'bare'"):
        _train(write_sweep(factors=["batch_norm"], tune=TUNE), "bar", 0)
    assert not paths.studies().exists()


def test_another_plan_of_the_study_is_refused(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"])
    _train(path, "bare", 0)
    with pytest.raises(Misuse, match="budget.epochs: 2 -> 3"):
        train_one(sweeps.load(path, {"budget.epochs": 3}), {"arm": "bare", "seed": "0"}, None, never)


def test_a_failure_is_a_record_and_is_tried_again(write_sweep: Any, tmp_path: Path) -> None:
    path = write_sweep(factors=["batch_norm"])
    [run] = [trial.run for trial in _plan(path).trials if (trial.arm, trial.seed) == ("bare", 1)]
    (paths.runs() / run).mkdir(parents=True)
    (paths.runs() / run / "metrics.csv").mkdir()  # which cannot be written
    asked = train_one(sweeps.load(path), {"arm": "bare", "seed": "1"}, None, never)
    assert asked.record is not None and asked.record.status == "failed"
    (paths.runs() / run / "metrics.csv").rmdir()
    asked = train_one(sweeps.load(path), {"arm": "bare", "seed": "1"}, None, never)
    assert asked.record is not None and asked.record.status == "finished"


def test_what_another_worker_left_is_finished_after_ones_own(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], seeds=1)
    plan = stored_plans.write(_plan(path))
    queue = Queue(plan)
    with queue.claim_of(plan.trials[0]) as claim:
        queue.release(claim)
    queue.close()
    asked = train_one(sweeps.load(path), {"arm": plan.trials[1].arm, "seed": "0"}, None, never)
    assert asked.trial == stored_plans.load("small").trials[1]
    assert [row["status"] for row in trials_table.rows(plan)] == ["finished"] * 2


def test_arms_are_tuned_first_where_they_are_to_be(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune={**TUNE, "trials": 2}, seeds=1)
    asked = train_one(sweeps.load(path), {"arm": "bare", "seed": "0"}, None, never)
    tuning = trials_table.rows(stored_plans.load("small-tuning"))
    assert {row["status"] for row in tuning} == {"finished"}
    assert asked.plan.tuned is not None and asked.record is not None and asked.record.status == "finished"
    assert stored_plans.load("small").tuned == asked.plan.tuned


def test_machines_that_share_a_database_alone_train_each_trial_once(
    write_sweep: Any, postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = postgres.new_database(f"asked_{os.getpid()}_{time.monotonic_ns()}")
    path = write_sweep(factors=["batch_norm"], seeds=1)

    def at(home: str, arm: str) -> AskedTrial:
        monkeypatch.setenv("DCGAN_HOME", str(tmp_path / home))
        return train_one(sweeps.load(path), {"arm": arm, "seed": "0"}, url, never)

    first = at("here", "bare")
    assert first.trained
    again = at("there", "bare")
    assert not again.trained and again.record == first.record, "it came through the database"
    assert again.trial is not None and again.trial.directory.rows("metrics"), "with its curves, for the agent's run"
    assert at("there", "batch_norm").trained
    assert not at("here", "batch_norm").trained
    assert [row["status"] for row in trials_table.rows(stored_plans.load("small"))] == ["finished"] * 2
    assert list(_attempts().values()) == [1] * 2


def _plan(path: str, **changes: Any) -> Plan:
    return planning.make(sweeps.load(path, changes))
