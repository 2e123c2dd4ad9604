"""Designs that change one factor at a time, from one baseline or from both."""

from __future__ import annotations

import pytest

from dcgan.experiment import Experiment
from dcgan.sweeps.designs import (
    own_factor,
    path_factor,
    read_design,
)
from tests.sweeps.designs.lettered import KIND, estimate, lettered, one_at_a_time, response, tips


@pytest.mark.parametrize("start", ["bare", "all"])
def test_both_baselines_show_the_effect_beside_each(start: str) -> None:
    factors = [*lettered(3, start), path_factor("generator.width", [8, 16])]
    made = read_design("both")
    arms = made.arms(factors, start)
    far = "bare" if start == "all" else "all"
    assert [arm.name for arm in arms if len(set(list(arm.levels.values())[:3])) == 1 and "=" not in arm.name] == [
        start,
        far,
    ]
    assert len(arms) == 2 + 2 * 4 == len({tuple(arm.levels.items()) for arm in arms})
    a, b = factors[0].terms()[0], factors[1].terms()[0]
    scores = response(arms, {(a,): 4.0, (b,): 2.0, (a, b): 3.0})
    effects = made.reading(arms, factors).effects
    found = {(effect.terms[0][0], effect.beside): estimate(effect, arms, scores) for effect in effects}
    assert found == pytest.approx(
        {
            ("A", "bare"): 1.0,
            ("A", "all"): 7.0,
            ("B", "bare"): -1.0,
            ("B", "all"): 5.0,
            ("C", "bare"): 0.0,
            ("C", "all"): 0.0,
            ("generator.width", "bare"): 0.0,
            ("generator.width", "all"): 0.0,
        }
    )


def test_both_of_two_factors_is_the_factorial() -> None:
    arms = read_design("both").arms(lettered(2, "bare"), "bare")
    assert [arm.name for arm in arms] == ["bare", "A", "B", "all"]


def test_one_at_a_time_from_bare() -> None:
    arms = one_at_a_time([*tips("bare"), KIND], "bare")
    assert [arm.name for arm in arms] == [
        "bare",
        "he_init",
        "batch_norm",
        "optimizer.generator.kind=rmsprop",
        "optimizer.generator.kind=sgd",
    ]
    assert dict(arms[0].levels) == {"he_init": "off", "batch_norm": "off", "optimizer.generator.kind": "adam"}
    for arm in arms[1:]:
        assert sum(arm.levels[name] != arms[0].levels[name] for name in arms[0].levels) == 1


def test_leave_one_out_is_one_at_a_time_from_all() -> None:
    arms = read_design("leave-one-out").arms([*tips("all"), KIND], "all")
    assert [arm.name for arm in arms][:3] == ["all", "without-he_init", "without-batch_norm"]
    assert dict(arms[0].levels) == {"he_init": "on", "batch_norm": "on", "optimizer.generator.kind": "adam"}


def test_from_the_experiment_the_baseline_is_called_so_and_its_tips_are_taken_away() -> None:
    factors = [own_factor(name, Experiment(), switched_on=False) for name in ("ema", "batch_norm")]
    arms = one_at_a_time(factors, "experiment")
    assert [arm.name for arm in arms] == ["baseline", "ema", "without-batch_norm"]
    both = read_design("both").arms(factors, "experiment")
    assert [arm.name for arm in both] == ["baseline", "ema", "without-batch_norm", "opposite"]
    listed = [own_factor(name, Experiment(), switched_on=True) for name in ("ema", "batch_norm")]
    left_out = read_design("leave-one-out").arms(listed, "experiment")
    assert [arm.name for arm in left_out] == ["baseline", "without-ema", "without-batch_norm"]
    assert dict(left_out[0].levels) == {"ema": "on", "batch_norm": "on"}
