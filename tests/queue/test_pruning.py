"""Searches with a pruner: which runs end early, and what is skipped."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.runs.run import run_trial
from dcgan.study import trials_table
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.stages import search_stages
from dcgan.study.status import Overview
from dcgan.training.events import Scored
from tests.queue.searches import begin, settle, sweep_of
from tests.tiny import PROTOCOL, record

pytestmark = pytest.mark.usefixtures("shared_extractor")


def test_hyperband_and_median_stop_what_is_behind(write_sweep: Any) -> None:
    bad = 7
    for pruner in ("median", "hyperband"):
        plan, queue = begin(sweep_of(write_sweep, name=pruner, sampler="random", trials=8, pruner=pruner))
        while True:
            with queue.claim() as claim:
                if claim is None:
                    break
                (observer,) = claim.observers
                number = int(claim.trial.arm[1:])
                for images in (0, 100, 200):
                    value = 1000.0 if number == bad else 100.0 - number
                    observer(Scored(images, "validation", {"fid": value}, PROTOCOL))
                    observer(Scored(images, "test", {"fid": -value}, PROTOCOL))  # never looked at
                assert (claim.prune() is not None) == (number == bad)
                if reason := claim.prune():
                    queue.settle(claim, record(claim.trial, status="pruned", failure=reason))
                else:
                    settle(queue, claim, 100.0 - number)
        queue.collect()
        grown = plan.now().grown
        assert grown is not None
        assert grown.over == {f"s{bad:03d}"}


@pytest.mark.slow
def test_a_pruned_run_says_so_and_is_not_resumed(write_sweep: Any) -> None:
    bad = {"path": "optimizer.generator.lr", "levels": [2.0e-4, 10.0]}
    sweep = sweep_of(write_sweep, [bad], sampler="random", trials=2, pruner="hyperband", confirm=1, seed=1)
    plan, queue = begin(sweep)
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
    plan, queue = begin(sweep_of(write_sweep, sampler="random", trials=3, pruner="wilcoxon", seeds=6, confirm=1))
    worse = {"s000": 0.0, "s001": 50.0, "s002": -10.0}
    done = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                break
            done.append(claim.trial.arm)
            number = claim.trial.seed - 2_000_000
            spread = -1000.0 * number  # far more than what the combinations differ by
            settle(queue, claim, spread + worse[claim.trial.arm] * (1 + number / 100))
    queue.collect()
    assert [done.count(arm) for arm in worse] == [6, 4, 6]
    standing = Overview(plan).look()
    assert (standing.complete, len(standing.skipped), standing.planned) == (True, 2, 16)
    assert [row["status"] for row in trials_table.rows(plan.now()) if row["arm"] == "s001"] == ["finished"] * 4 + [
        "skipped"
    ] * 2
    assert [best.arm for best in search_stages.best(plan.now(), outcomes(plan.now()))] == ["s002"]
