"""Which trial an agent's words mean."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.study import plan as planning
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps.search_space import Axis, axes
from dcgan.workers.asked_trial import combination_of, trial_of
from tests.queue.searches import LR, WIDTH, sweep_of

RMSPROP = "optimizer.generator.kind=rmsprop"


@pytest.fixture
def plan(write_sweep: Any) -> planning.Plan:
    kinds = {"path": "optimizer.generator.kind", "levels": ["adam", "rmsprop"]}
    return planning.make(sweeps.load(write_sweep(factors=["batch_norm", kinds], seeds=[3, 7])))


@pytest.mark.parametrize(
    ("arm", "seed", "cell"),
    [("bare", "3", ("bare", 3)), ("'bare'", "3.0", ("bare", 3)), (RMSPROP, "7", (RMSPROP, 7))],
)
def test_an_arm_and_a_seed(plan: planning.Plan, arm: str, seed: str, cell: tuple[str, int]) -> None:
    trial = trial_of(plan, {"arm": arm, "seed": seed})
    assert (trial.arm, trial.seed) == cell


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ({"arm": "bare", "sed": "3"}, "has no parameter 'sed'; did you mean 'seed'?"),
        ({"arm": "bare"}, "needs arm, seed: 'seed' is missing"),
        ({"arm": "batch_nrm", "seed": "3"}, "study 'small' has no arm 'batch_nrm'; did you mean 'batch_norm'?"),
        ({"arm": "bare", "seed": "4"}, "seed=4: study 'small' has the seeds 3, 7"),
        ({"arm": "bare", "seed": "3.5"}, "seed=3.5: study 'small' has the seeds 3, 7"),
        ({"arm": "bare", "seed": "True"}, "seed=True: study"),
        ({"arm": "bare", "seed": "first"}, "seed=first: study"),
    ],
)
def test_what_the_study_does_not_have(plan: planning.Plan, texts: dict[str, str], complaint: str) -> None:
    with pytest.raises(Misuse) as refusal:
        trial_of(plan, texts)
    assert complaint in str(refusal.value)


@pytest.fixture
def space(write_sweep: Any) -> list[Axis]:
    beta = {"path": "optimizer.generator.beta1", "levels": [0.5, 0.0, 0.9]}
    plan = search_stages.search_of(sweep_of(write_sweep, ["batch_norm", beta, LR, WIDTH]))
    return axes(plan.sweep, plan.base)


POINT = {"batch_norm": "on", "optimizer.generator.beta1": "0.9", "optimizer.generator.lr": "1e-05", "generator.width": "9"}  # fmt: skip


@pytest.mark.parametrize(
    "spelled",
    [
        {},
        {"batch_norm": "True"},
        {"batch_norm": "true"},
        {"batch_norm": "'on'"},
        {"optimizer.generator.beta1": "'0.9'"},
        {"optimizer.generator.beta1": "9e-1"},
        {"generator.width": "9.0"},
        {"optimizer.generator.lr": "0.00001"},
    ],
)
def test_a_combination_in_every_spelling(space: list[Axis], spelled: dict[str, str]) -> None:
    assert combination_of(space, {**POINT, **spelled}, "found") == {
        "batch_norm": "on", "optimizer.generator.beta1": "0.9", "optimizer.generator.lr": 1e-05, "generator.width": 9,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"generator.width": "17"}, "generator.width=17: expected a whole number in 4..16"),
        ({"generator.width": "9.5"}, "expected a whole number in 4..16"),
        ({"optimizer.generator.lr": "fast"}, "optimizer.generator.lr=fast: expected a number in 1e-05..0.01"),
        ({"batch_norm": "of"}, "factor 'batch_norm' has no level 'of'; did you mean 'off'?"),
        ({"optimizer.generator.beta1": "0.4"}, "has no level '0.4'"),
        ({"generator.with": "9"}, "has no parameter 'generator.with'; did you mean 'generator.width'?"),
    ],
)
def test_a_point_outside_the_space(space: list[Axis], changed: dict[str, str], complaint: str) -> None:
    with pytest.raises(Misuse) as refusal:
        combination_of(space, {**POINT, **changed}, "found")
    assert complaint in str(refusal.value)


def test_a_combination_needs_every_factor(space: list[Axis]) -> None:
    with pytest.raises(Misuse, match="'batch_norm' is missing"):
        combination_of(space, {key: text for key, text in POINT.items() if key != "batch_norm"}, "found")
