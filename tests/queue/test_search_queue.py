"""Searches: what the sampler is asked for, how often, by which worker, and which combinations are confirmed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from optuna.trial import TrialState

from dcgan.common.files import read_json
from dcgan.queue.search_queue import SearchQueue
from dcgan.queue.storage import open_storage
from dcgan.study import stored_plans, trials_table
from dcgan.study.outcomes import outcome_of
from dcgan.study.status import Overview
from tests.queue.searches import LR, WIDTH, begin, bowl, drain, settle, sweep_of

pytestmark = pytest.mark.usefixtures("shared_extractor")


def test_asks_as_many_as_planned_and_the_baseline_first(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, seeds=2)
    plan, queue = begin(sweep)
    done = drain(queue, bowl)
    assert done == [(f"s{number:03d}", seed) for number in range(8) for seed in (2_000_000, 2_000_001)]
    grown = plan.now()
    assert grown.levels("s000") == {
        "he_init": "off",
        "batch_norm": "off",
        "optimizer.generator.lr": "0.0002",
        "generator.width": "8",
    }
    assert not {trial.seed for trial in grown.trials} & set(sweep.all_seeds)
    assert {trial.experiment.score.split for trial in grown.trials} == {"train"}
    assert stored_plans.load("found-search").record() == grown.record()
    rows = trials_table.rows(grown)
    assert [(row["arm"], row["seed"]) for row in rows if row["arm"] == "s003"] == [
        ("s003", seed) for seed in grown.seeds
    ]
    assert {row["status"] for row in rows} == {"finished"}
    standing = Overview(plan).look()
    assert (standing.complete, standing.planned) == (True, 16)
    again = SearchQueue(plan.now())
    assert again.fill() == 0
    assert drain(again, bowl) == []


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "random", "cmaes", "nsga2"])
def test_the_same_seed_asks_the_same_and_goes_on_as_if_never_stopped(write_sweep: Any, sampler: str) -> None:
    if sampler == "cmaes":
        pytest.importorskip("cmaes")
    asked = []
    for name, stop_after, seed in (("one", 99, 0), ("two", 5, 0), ("three", 99, 1)):
        plan, queue = begin(sweep_of(write_sweep, name=name, sampler=sampler, trials=14, seed=seed))
        for _ in range(stop_after):
            with queue.claim() as claim:
                if claim is not None:
                    settle(queue, claim, bowl(queue.plan.levels(claim.trial.arm)))
        drain(SearchQueue(plan.now()), bowl)
        asked.append(plan.now().grown)
    assert asked[0] == asked[1] != asked[2]
    assert asked[0] is not None
    assert len(asked[0].arms) == 14


def test_many_workers_ask_no_more_than_planned(write_sweep: Any) -> None:
    plan, queue = begin(sweep_of(write_sweep, sampler="random", trials=12))
    done: list[tuple[str, int]] = []

    def work() -> None:
        own = SearchQueue(plan)
        done.extend(drain(own, bowl))
        own.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.collect()
    assert len(done) == len(set(done)) == 12
    assert len(plan.now().arms) == 12


def test_what_a_stopped_worker_had_is_asked_again_with_the_same_levels(write_sweep: Any) -> None:
    plan, queue = begin(sweep_of(write_sweep, seeds=2, trials=3, confirm=1))
    with queue.claim() as claim:
        assert claim is not None
        settle(queue, claim, 5.0)
    with queue.claim() as claim:
        assert claim is not None
        queue.release(claim)
    levels = plan.now().levels("s000")
    other = SearchQueue(plan.now())
    done = drain(other, bowl)
    assert done[:2] == [("s000", 2_000_000), ("s000", 2_000_001)]
    assert other.plan.levels("s000") == levels
    assert [arm.name for arm in other.plan.arms] == ["s000", "s002", "s003"]  # the second entry took a number


def test_a_combination_that_cannot_be_costs_nothing(write_sweep: Any) -> None:
    order = {"path": "update.order", "levels": ["d_first", "simultaneous"]}
    steps = {"path": "update.d_steps", "levels": [2, 1]}
    plan, queue = begin(sweep_of(write_sweep, [order, steps, WIDTH], sampler="random", trials=8))
    assert len(drain(queue, bowl)) == 8
    grown = plan.now().grown
    assert grown is not None
    assert grown.refused
    assert all("needs update.order=d_first" in reason for reason in grown.refused)


@pytest.mark.slow
def test_a_killed_workers_combination_is_taken_over(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, ["he_init", LR], sampler="random", trials=5, confirm=1)
    sweep = sweep.model_copy(update={"set": {"budget.images_per_epoch": 400}})
    plan, queue = begin(sweep)
    queue.record_data({})
    words = [sys.executable, "-m", "dcgan", "worker", "found-search", "--threads", "1"]
    workers = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    storage = open_storage(plan.directory, None)
    study = storage.get_study_id_from_name("found-search")

    def running() -> list[Any]:
        return [
            trial.user_attrs
            for trial in storage.get_all_trials(study)
            if trial.state == TrialState.RUNNING and trial.user_attrs.get("levels")
        ]

    deadline = time.monotonic() + 60
    while not (begun := running()):  # whichever of the two was the first to be there
        assert time.monotonic() < deadline
        time.sleep(0.02)
    mine, killed = begun[0], begun[0]["owner"]["pid"]
    os.kill(killed, signal.SIGKILL)
    workers.sort(key=lambda worker: worker.pid != killed)
    workers[0].wait()
    _, said = workers[1].communicate(timeout=120)
    assert workers[1].returncode == 0, said.decode()
    queue.collect()
    grown = plan.now()
    assert len(grown.arms) == 5
    assert mine["levels"] in [dict(arm.levels) for arm in grown.arms]
    assert all(outcome_of(trial).status == "finished" for trial in grown.trials)
    died = [trial for trial in storage.get_all_trials(study) if trial.user_attrs["outcome"]["status"] == "died"]
    assert [trial.user_attrs["owner"]["pid"] for trial in died] == [killed]
    assert read_json(grown.directory / "plan.json")["grown"]["over"] == []
