"""Combinations that are asked for by name: part of the same search, each once, and the baseline the first."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.queue.combination_queue import CombinationQueue
from dcgan.queue.search_queue import SearchQueue
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.stages import search_stages
from tests.queue.searches import WIDTH, bowl, drain, settle, sweep_of
from tests.tiny import record

pytestmark = pytest.mark.usefixtures("shared_extractor")

ASKED = {"he_init": "on", "batch_norm": "off", "optimizer.generator.lr": 0.00123456, "generator.width": 12}
LEVELS = {"he_init": "on", "batch_norm": "off", "optimizer.generator.lr": "0.001235", "generator.width": "12"}


def _planned(write_sweep: Any, **search: Any) -> Plan:
    plan = search_stages.search_of(sweep_of(write_sweep, **search))
    return stored_plans.write(plan)


def test_an_asked_combination_is_trained_on_all_seeds_and_the_baseline_is_the_first(write_sweep: Any) -> None:
    plan = _planned(write_sweep, seeds=2)
    queue = CombinationQueue(plan)
    queue.publish()
    assert queue.arm_of(ASKED) == queue.arm_of(ASKED) == "s001"
    assert queue.plan.levels("s001") == LEVELS
    assert queue.plan.levels("s000") == plan.levels("s000"), "the baseline, though it was not asked for"
    with queue.claim() as claim:
        assert claim is None, "nothing was taken"
    assert queue.take("s001") and queue.is_working and not queue.is_over("s001")
    assert not CombinationQueue(plan).take("s001"), "another worker has it"
    assert drain(queue, bowl) == [("s001", 2_000_000), ("s001", 2_000_001)]
    assert queue.is_over("s001") and not queue.is_working and not queue.take("s001")


def test_it_counts_in_the_search_that_dcgan_sweep_leads(write_sweep: Any) -> None:
    plan = _planned(write_sweep)
    queue = CombinationQueue(plan)
    queue.publish()
    assert queue.take(queue.arm_of(ASKED))
    drain(queue, bowl)
    queue.close()
    search = SearchQueue(plan.now())
    assert search.fill() == 7, "of eight, the baseline waiting among them"
    done = drain(search, bowl)
    assert [arm for arm, _ in done] == ["s000", *(f"s{number:03d}" for number in range(2, 8))]
    found = search_stages.best(search.plan, {trial.run: trial.directory.record() for trial in search.plan.trials})
    assert "s001" in [one.arm for one in found], "the best of the bowl"


def test_one_that_cannot_be_is_refused_and_leaves_nothing(write_sweep: Any) -> None:
    order = {"path": "update.order", "levels": ["d_first", "simultaneous"]}
    steps = {"path": "update.d_steps", "levels": [2, 1]}
    queue = CombinationQueue(_planned(write_sweep, factors=[order, steps, WIDTH]))
    queue.publish()
    with pytest.raises(Misuse, match="needs update.order=d_first"):
        queue.arm_of({"update.order": "simultaneous", "update.d_steps": "2", "generator.width": 8})
    assert [arm.name for arm in queue.plan.arms] == ["s000"]
    assert queue.arm_of({"update.order": "simultaneous", "update.d_steps": "1", "generator.width": 8}) == "s001"


def test_an_abandoned_one_is_taken_by_the_next(write_sweep: Any) -> None:
    plan = _planned(write_sweep, seeds=2)
    first, second = CombinationQueue(plan), CombinationQueue(plan)
    first.publish()
    assert first.take(first.arm_of(ASKED))
    with first.claim() as claim:
        settle(first, claim, 90.0)
    assert not second.take_abandoned()
    first.close()  # as a worker that is asked to stop
    assert second.take_abandoned()
    with second.claim() as claim:
        assert claim is not None and claim.trial.arm == "s001"
    second.close()


def test_one_that_failed_can_be_taken_again(write_sweep: Any) -> None:
    plan = _planned(write_sweep)
    queue = CombinationQueue(plan)
    queue.publish()
    arm = queue.arm_of(ASKED)
    for status in ("failed", "diverged"):
        assert queue.take(arm)
        with queue.claim() as claim:
            queue.settle(claim, record(claim.trial, status=status, failure="something"))
        assert queue.is_over(arm)
    assert not queue.take(arm), "a divergence is a result"
