"""What a dry run says of a search: its space, how many trials it and its confirmation take, and how long."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.study.search_outlook import look_ahead_of_search
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep as sweeps
from tests.study.recorded import write_run

LR = {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True}
WIDTH = {"path": "generator.width", "range": [4, 16]}
DIM = {"path": "latent.dim", "levels": [8, 4, 2]}


@pytest.fixture
def sweep(write_sweep: Any) -> sweeps.Sweep:
    """A search of six combinations on two seeds, whose best two are confirmed on three."""
    design = {"search": {"trials": 6, "seeds": 2, "confirm": 2}}
    return sweeps.load(write_sweep(seeds=3, factors=["batch_norm", DIM, LR, WIDTH], design=design))


def test_trials_are_those_of_the_search_and_of_its_confirmation(sweep: sweeps.Sweep) -> None:
    plan = search_stages.search_of(sweep)
    for trial in plan.trials:
        write_run(trial, status="finished", scores={"fid": 50.0}, seconds=10.0)
    outlook = look_ahead_of_search(sweep, plan, workers=3)
    assert outlook.confirmation == (1 + 2) * 3
    assert outlook.seconds == pytest.approx((6 * 2 + 9) * 10.0 / 3), "as long as the baseline took"
    content = outlook.to_json()
    assert content["trials"] == {"search": 12, "confirmation": 9}
    assert (content["study"], content["search"]["study"], content["planned"]) == ("small", "small-search", 21)
    assert content["search"]["own_seeds"] == [2_000_000, 2_000_001]
    assert content["seeds"] == 3, "the confirmation's, by which it is said what can be resolved"
    more = look_ahead_of_search(sweep.model_copy(update={"seeds": (0, 1, 2, 3, 4, 5)}), plan, workers=3).to_json()
    assert more["resolvable_in_sd"] < content["resolvable_in_sd"]


def test_the_space_has_the_baselines_level_first(sweep: sweeps.Sweep) -> None:
    plan = search_stages.search_of(sweep)
    for trial in plan.trials:
        write_run(trial, status="finished", scores={"fid": 50.0})
    assert look_ahead_of_search(sweep, plan, workers=1).space == {
        "batch_norm": "off, on",
        "latent.dim": "8, 4, 2",
        "optimizer.generator.lr": "0.0002; 1e-05 to 0.01, by order of magnitude",
        "generator.width": "8; 4 to 16",
    }


def test_the_confirmation_is_judged_against_the_reported_split(sweep: sweeps.Sweep) -> None:
    plan = search_stages.search_of(sweep)
    write_run(plan.trials[0], status="finished", scores={"fid": 50.0})
    assert {trial.experiment.score.split for trial in plan.trials} == {"train"}
    assert look_ahead_of_search(sweep, plan, workers=1).confirmation_split == "test"
