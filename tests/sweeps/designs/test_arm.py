"""Arms as experiments: tips that are no factors are held, and what is unused or impossible is refused."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.sweeps.designs import (
    Factor,
    check_distinct,
    experiments,
    held,
    path_factor,
    tip_factor,
)
from dcgan.tips import TIPS, apply
from tests.sweeps.designs.lettered import one_at_a_time, tips


def test_every_tip_of_the_catalogue_makes_an_arm_of_its_own() -> None:
    without_target = [name for name in TIPS if name not in {"label_smoothing", "virtual_adversarial"}]
    not_paired = [name for name in TIPS if name != "relativistic"]  # which has no target, and so none of those two
    for start, names in (("bare", list(TIPS)), ("all", not_paired), ("all", without_target)):
        factors = [tip_factor(name, start) for name in names]
        made = experiments(one_at_a_time(factors, start), factors, Experiment(), {})
        assert len(made) == len(names) + 1
        assert len({experiment.id for experiment in made.values()}) == len(made)


def _bare(factors: list[Factor], base: Experiment, chosen: Collection[str] = ()) -> dict[str, Experiment]:
    return experiments(one_at_a_time(factors, "bare"), factors, base, held(factors, "bare", base, chosen))


@pytest.mark.parametrize(("start", "level"), [("bare", "off"), ("all", "on")])
def test_tips_that_are_no_factors_are_at_their_start_level(start: str, level: str) -> None:
    factors = tips(start)
    base = Experiment().with_({"generator.width": 8})
    made = experiments(one_at_a_time(factors, start), factors, base, held(factors, start, base, ()))
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
    bare = _bare(tips("bare"), Experiment().with_(chosen), chosen)["bare"]
    assert (bare.discriminator.slope, bare.update.order) == (0.3, "d_first")
    assert bare.generator.normalisation == "none"


def test_what_the_user_chose_holds_where_the_tip_is_relative_to_it_too() -> None:
    chosen = {"update.batch": 16}
    bare = _bare(tips("bare"), Experiment().with_(chosen), chosen)["bare"]
    assert bare.update.batch == 16
    varied = _bare([tip_factor("mini_batch", "bare")], Experiment().with_(chosen), chosen)
    assert {arm: made.update.batch for arm, made in varied.items()} == {"bare": 160, "mini_batch": 16}


def test_from_the_experiment_nothing_is_held() -> None:
    assert held(tips("bare"), "experiment", Experiment(), ()) == {}


def test_a_key_that_is_a_factor_is_left_to_it() -> None:
    factors = [path_factor("update.batch", [20, 40])]
    assert "update.batch" not in held(factors, "bare", Experiment(), ())
    made = _bare(factors, Experiment())
    assert [each.update.batch for each in made.values()] == [20, 40]
    assert {each.generator.init for each in made.values()} == {"xavier"}


def test_an_unused_toggle_is_refused() -> None:
    factors = [path_factor("tracking.tick_images", [100, 200])]
    made = experiments(one_at_a_time(factors, "bare"), factors, Experiment(), {})
    with pytest.raises(Misuse, match=r"arms 'bare' and 'tracking.tick_images=200' are the same experiment"):
        check_distinct(made, Experiment())


def test_an_impossible_arm_is_named_with_its_reason() -> None:
    factors = [tip_factor("lr_decay", "bare")]
    with pytest.raises(Misuse, match=r"^arm 'lr_decay': schedule.every_epochs=1 never comes within"):
        experiments(one_at_a_time(factors, "bare"), factors, Experiment().with_({"budget.epochs": 1}), {})
