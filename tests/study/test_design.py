"""Designs: which arms there are, what they are called, and what each one changes."""

from __future__ import annotations

import pytest

from dcgan.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.study.design import (
    DESIGNS,
    Factor,
    experiments,
    factorial,
    level_text,
    one_at_a_time,
    path_factor,
    tip_factor,
)
from dcgan.tips import TIPS

KIND = path_factor("optimizer.generator.kind", ["adam", "rmsprop", "sgd"])


def _tips(start: str) -> list[Factor]:
    return [tip_factor("he_init", start), tip_factor("batch_norm", start)]


def test_one_at_a_time_from_bare() -> None:
    arms = one_at_a_time([*_tips("bare"), KIND], "bare")
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
    arms = DESIGNS["leave-one-out"]([*_tips("all"), KIND], "all")
    assert [arm.name for arm in arms][:3] == ["all", "without-he_init", "without-batch_norm"]
    assert dict(arms[0].levels) == {"he_init": "on", "batch_norm": "on", "optimizer.generator.kind": "adam"}


def test_factorial_has_every_combination_once() -> None:
    arms = factorial([*_tips("bare"), KIND], "bare")
    assert len(arms) == 2 * 2 * 3
    assert len({tuple(arm.levels.items()) for arm in arms}) == len(arms)
    assert arms[0].name == "bare"
    assert "he_init+batch_norm+optimizer.generator.kind=sgd" in [arm.name for arm in arms]


def test_every_tip_of_the_catalogue_makes_an_arm_of_its_own() -> None:
    for start in ("bare", "all"):
        factors = [tip_factor(name, start) for name in TIPS]
        made = experiments(one_at_a_time(factors, start), factors, Experiment())
        assert len(made) == len(TIPS) + 1
        assert len({experiment.id for experiment in made.values()}) == len(made)


def test_levels_do_what_the_catalogue_says() -> None:
    factors = [*_tips("bare"), KIND]
    made = experiments(one_at_a_time(factors, "bare"), factors, Experiment())
    assert made["bare"].generator.init == "xavier"
    assert made["he_init"].generator.init == "he"
    assert made["he_init"].generator.normalisation == "none"
    assert made["optimizer.generator.kind=sgd"].optimizer.generator.kind == "sgd"
    assert made["optimizer.generator.kind=sgd"].optimizer.discriminator.kind == "adam"


def test_factors_that_are_not_listed_stay_as_the_experiment_has_them() -> None:
    base = Experiment().with_({"generator.width": 8, "discriminator.slope": 0.3})
    factors = _tips("bare")
    made = experiments(one_at_a_time(factors, "bare"), factors, base)
    assert all(each.generator.width == 8 and each.discriminator.slope == 0.3 for each in made.values())


def test_a_void_toggle_is_refused() -> None:
    factors = [path_factor("tracking.tick_images", [100, 200])]
    with pytest.raises(Misuse, match=r"arms 'bare' and 'tracking.tick_images=200' are the same experiment"):
        experiments(one_at_a_time(factors, "bare"), factors, Experiment())


def test_an_impossible_arm_is_named_with_its_reason() -> None:
    factors = [tip_factor("lr_decay", "bare")]
    with pytest.raises(Misuse, match=r"^arm 'lr_decay': schedule.every_epochs=1 never comes within"):
        experiments(one_at_a_time(factors, "bare"), factors, Experiment().with_({"budget.epochs": 1}))


def test_levels_as_text() -> None:
    assert [level_text(value) for value in ("adam", 2e-4, True, None, 8)] == ["adam", "0.0002", "true", "null", "8"]
