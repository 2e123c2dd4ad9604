"""Searches: what is asked of Optuna, how often, by whom, and what becomes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import read_json
from dcgan.queue import Claim
from dcgan.queue.search_queue import SearchQueue
from dcgan.queue.storage import open_storage
from dcgan.runs.run import run_trial
from dcgan.study import stored_plans, trials_table
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.plan import Plan
from dcgan.study.stages import search_stages
from dcgan.study.status import Overview
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps.sweep import Sweep
from dcgan.training.events import Scored
from tests.tiny import PROTOCOL, record

LR = {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True}
WIDTH = {"path": "generator.width", "range": [4, 16]}
Score = Callable[[Mapping[str, str]], float]


@pytest.fixture(scope="module")
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _shared_extractor(_one_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(_one_cache))


def _sweep(write_sweep: Any, factors: list[Any] | None = None, name: str = "found", **search: Any) -> Sweep:
    design = {"search": {"trials": 8, **search}}
    return sweeps.load(write_sweep(name, design=design, factors=factors or ["he_init", "batch_norm", LR, WIDTH]))


def _begin(sweep: Sweep) -> tuple[Plan, SearchQueue]:
    plan = search_stages.search_of(sweep)
    stored_plans.write(plan)
    queue = SearchQueue(plan)
    queue.fill()
    return plan, queue


def _settle(queue: SearchQueue, claim: Claim, value: float, seconds: float = 1.0) -> None:
    """As if the run had been trained to that score."""
    trial = claim.trial
    trial.directory.describe(trial.experiment)
    finished = record(trial, scores={"fid": value}, seconds=seconds)
    trial.directory.write_record(finished)
    queue.settle(claim, finished)


def _drain(queue: SearchQueue, score: Score, seconds: Score = lambda _: 1.0) -> list[tuple[str, int]]:
    """Takes whatever there is; returns (arm, seed) of each run in order."""
    done = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                return done
            done.append((claim.trial.arm, claim.trial.seed))
            levels = queue.plan.levels(claim.trial.arm)
            _settle(queue, claim, score(levels), seconds(levels))


def _bowl(levels: Mapping[str, str]) -> float:
    """Best at a width of 12."""
    return 100 + (float(levels["generator.width"]) - 12) ** 2


def test_asks_as_many_as_planned_and_the_baseline_first(write_sweep: Any) -> None:
    sweep = _sweep(write_sweep, seeds=2)
    plan, queue = _begin(sweep)
    done = _drain(queue, _bowl)
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
    assert _drain(again, _bowl) == []


@pytest.mark.parametrize("sampler", ["tpe", "random", "cmaes", "nsga2"])
def test_the_same_seed_asks_the_same_and_goes_on_as_if_never_stopped(write_sweep: Any, sampler: str) -> None:
    if sampler == "cmaes":
        pytest.importorskip("cmaes")
    asked = []
    for name, stop_after, seed in (("one", 99, 0), ("two", 5, 0), ("three", 99, 1)):
        plan, queue = _begin(_sweep(write_sweep, name=name, sampler=sampler, trials=14, seed=seed))
        for _ in range(stop_after):
            with queue.claim() as claim:
                if claim is not None:
                    _settle(queue, claim, _bowl(queue.plan.levels(claim.trial.arm)))
        _drain(SearchQueue(plan.now()), _bowl)
        asked.append(plan.now().grown)
    assert asked[0] == asked[1] != asked[2]
    assert asked[0] is not None
    assert len(asked[0].arms) == 14


def test_many_workers_ask_no_more_than_planned(write_sweep: Any) -> None:
    plan, queue = _begin(_sweep(write_sweep, sampler="random", trials=12))
    done: list[tuple[str, int]] = []

    def work() -> None:
        own = SearchQueue(plan)
        done.extend(_drain(own, _bowl))
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
    plan, queue = _begin(_sweep(write_sweep, seeds=2, trials=3, confirm=1))
    with queue.claim() as claim:
        assert claim is not None
        _settle(queue, claim, 5.0)
    with queue.claim() as claim:
        assert claim is not None
        queue.release(claim)
    levels = plan.now().levels("s000")
    other = SearchQueue(plan.now())
    done = _drain(other, _bowl)
    assert done[:2] == [("s000", 2_000_000), ("s000", 2_000_001)]
    assert other.plan.levels("s000") == levels
    assert [arm.name for arm in other.plan.arms] == ["s000", "s002", "s003"]  # the second entry took a number


def test_a_combination_that_cannot_be_costs_nothing(write_sweep: Any) -> None:
    order = {"path": "update.order", "levels": ["d_first", "simultaneous"]}
    steps = {"path": "update.d_steps", "levels": [2, 1]}
    plan, queue = _begin(_sweep(write_sweep, [order, steps, WIDTH], sampler="random", trials=8))
    assert len(_drain(queue, _bowl)) == 8
    grown = plan.now().grown
    assert grown is not None
    assert grown.refused
    assert all("needs update.order=d_first" in reason for reason in grown.refused)


def test_hyperband_and_median_stop_what_is_behind(write_sweep: Any) -> None:
    bad = 7
    for pruner in ("median", "hyperband"):
        plan, queue = _begin(_sweep(write_sweep, name=pruner, sampler="random", trials=8, pruner=pruner))
        while True:
            with queue.claim() as claim:
                if claim is None:
                    break
                (along,) = claim.observers
                number = int(claim.trial.arm[1:])
                for images in (0, 100, 200):
                    value = 1000.0 if number == bad else 100.0 - number
                    along(Scored(images, "validation", {"fid": value}, PROTOCOL))
                    along(Scored(images, "test", {"fid": -value}, PROTOCOL))  # never looked at
                assert (claim.prune() is not None) == (number == bad)
                if reason := claim.prune():
                    queue.settle(claim, record(claim.trial, status="pruned", failure=reason))
                else:
                    _settle(queue, claim, 100.0 - number)
        queue.collect()
        grown = plan.now().grown
        assert grown is not None
        assert grown.over == {f"s{bad:03d}"}


def test_a_pruned_run_says_so_and_is_not_resumed(write_sweep: Any) -> None:
    bad = {"path": "optimizer.generator.lr", "levels": [2.0e-4, 10.0]}
    sweep = _sweep(write_sweep, [bad], sampler="random", trials=2, pruner="hyperband", confirm=1, seed=1)
    plan, queue = _begin(sweep)
    ended = {}
    for _ in range(2):
        with queue.claim() as claim:
            assert claim is not None
            ended[claim.trial.arm] = run_trial(claim.trial.experiment, observers=claim.observers, prune=claim.prune)
            queue.settle(claim, ended[claim.trial.arm])
    assert plan.now().levels("s001") == {"optimizer.generator.lr": "10.0"}
    assert (ended["s001"].status, ended["s001"].images, ended["s001"].scores) == ("pruned", 100, {})
    trial = next(trial for trial in plan.now().trials if trial.arm == "s001")
    assert "behind the other combinations" in outcome_of(trial).failure
    assert run_trial(trial.experiment) == ended["s001"]
    standing = Overview(plan).look()
    assert (standing.complete, standing.counts["pruned"]) == (True, 1)
    with pytest.raises(DcganError, match="no combination beside the baseline finished"):
        list(search_stages.stages(sweep))


def test_wilcoxon_skips_the_seeds_of_what_is_worse_on_the_same_seeds(write_sweep: Any) -> None:
    plan, queue = _begin(_sweep(write_sweep, sampler="random", trials=3, pruner="wilcoxon", seeds=6, confirm=1))
    worse = {"s000": 0.0, "s001": 50.0, "s002": -10.0}
    done = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                break
            done.append(claim.trial.arm)
            number = claim.trial.seed - 2_000_000
            spread = -1000.0 * number  # far more than what the combinations differ by
            _settle(queue, claim, spread + worse[claim.trial.arm] * (1 + number / 100))
    queue.collect()
    assert [done.count(arm) for arm in worse] == [6, 4, 6]
    standing = Overview(plan).look()
    assert (standing.complete, len(standing.skipped), standing.planned) == (True, 2, 16)
    assert [row["status"] for row in trials_table.rows(plan.now()) if row["arm"] == "s001"] == ["finished"] * 4 + [
        "skipped"
    ] * 2
    assert [found.arm for found in search_stages.best(plan.now(), outcomes(plan.now()))] == ["s002"]


def test_confirms_the_best_and_each_experiment_once(write_sweep: Any) -> None:
    sweep = _sweep(write_sweep, ["he_init", WIDTH], trials=12, confirm=2)
    plan, queue = _begin(sweep)
    _drain(queue, _bowl)
    chosen = search_stages.best(plan.now(), outcomes(plan.now()))
    everything = sorted({_bowl(levels) for levels in (plan.now().levels(arm.name) for arm in plan.now().arms[1:])})
    assert chosen[0].value == everything[0]
    last = list(search_stages.stages(sweep))[-1]
    assert [arm.name for arm in last.arms] == ["bare", *(found.arm for found in chosen)]
    assert {trial.seed for trial in last.trials} == {0, 1}
    assert {trial.experiment.score.split for trial in last.trials} == {"test"}
    for found in chosen:
        one = next(trial.experiment for trial in last.trials if trial.arm == found.arm)
        assert one.generator.width == int(found.levels["generator.width"])
    stored_plans.write(last)
    assert stored_plans.load("found").record() == last.record()
    with pytest.raises(Misuse, match=r"confirms another search \(trials: 12 -> 13\): change it back"):
        list(search_stages.stages(_sweep(write_sweep, ["he_init", WIDTH], trials=13, confirm=2)))


def test_two_objectives_confirm_the_front(write_sweep: Any) -> None:
    sweep = _sweep(write_sweep, [WIDTH], sampler="nsga2", trials=30, confirm=20)
    plan, queue = _begin(sweep)
    _drain(queue, _bowl, seconds=lambda levels: float(levels["generator.width"]))
    widths = {int(found.levels["generator.width"]) for found in search_stages.best(plan.now(), outcomes(plan.now()))}
    tried = {int(plan.now().levels(arm.name)["generator.width"]) for arm in plan.now().arms}
    assert widths == {width for width in tried if width <= 12} - {8}  # beyond 12 both get worse; 8 is the baseline
    assert len(widths) > 3


def test_another_space_is_another_search(write_sweep: Any) -> None:
    _, queue = _begin(_sweep(write_sweep, ["he_init", WIDTH]))
    _drain(queue, _bowl)
    other = _sweep(write_sweep, ["he_init", {**WIDTH, "range": [4, 20]}])
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
    sweep = _sweep(write_sweep, ["he_init", LR], sampler="random", trials=5, confirm=1)
    sweep = sweep.model_copy(update={"set": {"budget.images_per_epoch": 400}})
    plan, queue = _begin(sweep)
    queue.state_data({})
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
