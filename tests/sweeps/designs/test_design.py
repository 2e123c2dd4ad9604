"""Designs: which arms there are, what they are called, and what each one changes."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.sweeps.designs import (
    Arm,
    Factor,
    check_distinct,
    experiments,
    held,
    level_text,
    path_factor,
    read_design,
    tip_factor,
)
from dcgan.tips import TIPS, apply

KIND = path_factor("optimizer.generator.kind", ["adam", "rmsprop", "sgd"])


def _tips(start: str) -> list[Factor]:
    return [tip_factor("he_init", start), tip_factor("batch_norm", start)]


def _one_at_a_time(factors: list[Factor], start: str) -> list[Arm]:
    return read_design("one-at-a-time").arms(factors, start)


def test_one_at_a_time_from_bare() -> None:
    arms = _one_at_a_time([*_tips("bare"), KIND], "bare")
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
    arms = read_design("leave-one-out").arms([*_tips("all"), KIND], "all")
    assert [arm.name for arm in arms][:3] == ["all", "without-he_init", "without-batch_norm"]
    assert dict(arms[0].levels) == {"he_init": "on", "batch_norm": "on", "optimizer.generator.kind": "adam"}


def test_factorial_has_every_combination_once() -> None:
    arms = read_design("factorial").arms([*_tips("bare"), KIND], "bare")
    assert len(arms) == 2 * 2 * 3
    assert len({tuple(arm.levels.items()) for arm in arms}) == len(arms)
    assert arms[0].name == "bare"
    assert "he_init+batch_norm+optimizer.generator.kind=sgd" in [arm.name for arm in arms]


def test_every_tip_of_the_catalogue_makes_an_arm_of_its_own() -> None:
    for start in ("bare", "all"):
        factors = [tip_factor(name, start) for name in TIPS]
        made = experiments(_one_at_a_time(factors, start), factors, Experiment(), {})
        assert len(made) == len(TIPS) + 1
        assert len({experiment.id for experiment in made.values()}) == len(made)


def test_levels_do_what_the_catalogue_says() -> None:
    factors = [*_tips("bare"), KIND]
    made = experiments(_one_at_a_time(factors, "bare"), factors, Experiment(), {})
    assert made["bare"].generator.init == "xavier"
    assert made["he_init"].generator.init == "he"
    assert made["he_init"].generator.normalisation == "none"
    assert made["optimizer.generator.kind=sgd"].optimizer.generator.kind == "sgd"
    assert made["optimizer.generator.kind=sgd"].optimizer.discriminator.kind == "adam"


def _bare(factors: list[Factor], base: Experiment, chosen: Collection[str] = ()) -> dict[str, Experiment]:
    return experiments(_one_at_a_time(factors, "bare"), factors, base, held(factors, "bare", base, chosen))


@pytest.mark.parametrize(("start", "level"), [("bare", "off"), ("all", "on")])
def test_tips_that_are_no_factors_are_at_their_start_level(start: str, level: str) -> None:
    factors = _tips(start)
    base = Experiment().with_({"generator.width": 8})
    made = experiments(_one_at_a_time(factors, start), factors, base, held(factors, start, base, ()))
    common = [name for name in TIPS if TIPS[name].common]
    assert made[start].id == apply(base, dict.fromkeys(common, level)).id


def test_an_arm_is_the_same_run_whichever_other_tips_are_factors() -> None:
    base = Experiment()
    for name in TIPS:
        alone = _bare([tip_factor(name, "bare")], base)
        among_all = _bare([tip_factor(other, "bare") for other in TIPS], base)
        assert (alone["bare"].id, alone[name].id) == (among_all["bare"].id, among_all[name].id)


def test_what_the_user_chose_wins_over_the_start() -> None:
    chosen = {"discriminator.slope": 0.3, "update.order": "d_first"}
    bare = _bare(_tips("bare"), Experiment().with_(chosen), chosen)["bare"]
    assert (bare.discriminator.slope, bare.update.order) == (0.3, "d_first")
    assert bare.generator.normalisation == "none"


def test_a_level_relative_to_what_the_user_chose_still_holds() -> None:
    chosen = {"update.batch": 16}
    bare = _bare(_tips("bare"), Experiment().with_(chosen), chosen)["bare"]
    assert bare.update.batch == 160


def test_a_key_that_is_a_factor_is_left_to_it() -> None:
    factors = [path_factor("update.batch", [20, 40])]
    assert "update.batch" not in held(factors, "bare", Experiment(), ())
    made = _bare(factors, Experiment())
    assert [each.update.batch for each in made.values()] == [20, 40]
    assert {each.generator.init for each in made.values()} == {"xavier"}


def test_a_void_toggle_is_refused() -> None:
    factors = [path_factor("tracking.tick_images", [100, 200])]
    made = experiments(_one_at_a_time(factors, "bare"), factors, Experiment(), {})
    with pytest.raises(Misuse, match=r"arms 'bare' and 'tracking.tick_images=200' are the same experiment"):
        check_distinct(made, Experiment())


def test_an_impossible_arm_is_named_with_its_reason() -> None:
    factors = [tip_factor("lr_decay", "bare")]
    with pytest.raises(Misuse, match=r"^arm 'lr_decay': schedule.every_epochs=1 never comes within"):
        experiments(_one_at_a_time(factors, "bare"), factors, Experiment().with_({"budget.epochs": 1}), {})


def test_levels_as_text() -> None:
    assert [level_text(value) for value in ("adam", 2e-4, True, None, 8)] == ["adam", "0.0002", "true", "null", "8"]
