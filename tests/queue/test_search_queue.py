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

from dcgan.common.errors import Misuse
from dcgan.common.files import read_json
from dcgan.queue.search_queue import SearchQueue
from dcgan.queue.storage import open_storage
from dcgan.study import stored_plans, trials_table
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.stages import search_stages
from dcgan.study.status import Overview
from dcgan.sweeps import sweep as sweeps
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


def test_confirms_the_best_and_each_experiment_once(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, ["he_init", WIDTH], trials=12, confirm=2)
    plan, queue = begin(sweep)
    drain(queue, bowl)
    chosen = search_stages.best(plan.now(), outcomes(plan.now()))
    everything = sorted({bowl(levels) for levels in (plan.now().levels(arm.name) for arm in plan.now().arms[1:])})
    assert chosen[0].value == everything[0]
    last = list(search_stages.stages(sweep))[-1]
    assert [arm.name for arm in last.arms] == ["bare", *(best.arm for best in chosen)]
    assert {trial.seed for trial in last.trials} == {0, 1}
    assert {trial.experiment.score.split for trial in last.trials} == {"test"}
    for best in chosen:
        one = next(trial.experiment for trial in last.trials if trial.arm == best.arm)
        assert one.generator.width == int(best.levels["generator.width"])
    stored_plans.write(last)
    assert stored_plans.load("found").record() == last.record()
    with pytest.raises(Misuse, match=r"confirms another search \(trials: 12 -> 13\): change it back"):
        list(search_stages.stages(sweep_of(write_sweep, ["he_init", WIDTH], trials=13, confirm=2)))


def test_two_objectives_confirm_the_front(write_sweep: Any) -> None:
    sweep = sweep_of(write_sweep, [WIDTH], sampler="nsga2", trials=30, confirm=20)
    plan, queue = begin(sweep)
    drain(queue, bowl, seconds=lambda levels: float(levels["generator.width"]))
    widths = {int(best.levels["generator.width"]) for best in search_stages.best(plan.now(), outcomes(plan.now()))}
    tried = {int(plan.now().levels(arm.name)["generator.width"]) for arm in plan.now().arms}
    assert widths == {width for width in tried if width <= 12} - {8}  # beyond 12 both get worse; 8 is the baseline
    assert len(widths) > 3


def test_another_space_is_another_search(write_sweep: Any) -> None:
    _, queue = begin(sweep_of(write_sweep, ["he_init", WIDTH]))
    drain(queue, bowl)
    other = sweep_of(write_sweep, ["he_init", {**WIDTH, "range": [4, 20]}])
    with pytest.raises(Misuse, match=r"has run trials under another plan \(ranges"):
        list(search_stages.stages(other))


@pytest.mark.parametrize(
    ("factors", "search", "said"),
    [
        (
            ["he_init"],
            {"sampler": "cmaes"},
            "cmaes needs two factors or more with ranges of numbers, and this sweep has 0",
        ),
        ([WIDTH], {"pruner": "median", "confirm": 1}, "there are none: set score.every_epochs=1"),
        ([{**WIDTH, "range": [9, 16]}], {}, "leaves out the baseline's 8: widen it"),
        ([{**WIDTH, "range": [4.5, 16]}], {}, "takes whole numbers"),
        ([{"path": "optimizer.generator.kind", "range": [1, 2]}], {}, "its value is adam, and a range is of numbers"),
    ],
)
def test_refuses_in_one_line_what_cannot_be_searched(
    write_sweep: Any, factors: list[Any], search: dict[str, Any], said: str
) -> None:
    path = write_sweep(design={"search": {"trials": 8, **search}}, factors=factors, set={"score.every_epochs": 0})
    with pytest.raises(Misuse, match=said) as refusal:
        search_stages.search_of(sweeps.load(path))
    assert "\n" not in str(refusal.value)


def test_the_seeds_of_the_search_are_not_reported(write_sweep: Any) -> None:
    path = write_sweep(design={"search": {"trials": 8, "seeds": 3}}, seeds=[0, 2_000_002])
    with pytest.raises(Misuse, match="2000002 is a seed of the search"):
        search_stages.search_of(sweeps.load(path))


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
