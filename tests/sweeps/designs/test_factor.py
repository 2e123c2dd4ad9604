"""Factors: levels as text, and what each one does to an experiment."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.sweeps.designs import (
    OWN,
    experiments,
    level_text,
    own_factor,
)
from dcgan.tips import TIPS
from tests.sweeps.designs.lettered import KIND, one_at_a_time, tips


def test_levels_do_what_the_catalogue_says() -> None:
    factors = [*tips("bare"), KIND]
    made = experiments(one_at_a_time(factors, "bare"), factors, Experiment(), {})
    assert made["bare"].generator.init == "xavier"
    assert made["he_init"].generator.init == "he"
    assert made["he_init"].generator.normalisation == "none"
    assert made["optimizer.generator.kind=sgd"].optimizer.generator.kind == "sgd"
    assert made["optimizer.generator.kind=sgd"].optimizer.discriminator.kind == "adam"


def test_levels_as_text() -> None:
    assert [level_text(value) for value in ("adam", 2e-4, True, None, 8)] == ["adam", "0.0002", "true", "null", "8"]


WEAK = {"objective.penalty.kind": "wgan_gp", "objective.penalty.weight": 5.0}
HALF = {"discriminator.normalisation": "none"}  # beside BatchNorm in the generator


@pytest.mark.parametrize(
    ("name", "has", "levels", "left_out", "told"),
    [
        ("ema", {}, ("off", "on"), ("on", "off"), ("off", "on")),
        ("batch_norm", {}, ("on", "off"), ("on", "off"), ("off", "on")),
        ("gradient_penalty", WEAK, (OWN, "off"), (OWN, "off"), ("off", OWN)),
        ("batch_norm", HALF, ("generator_only", "on"), ("on", "generator_only"), ("generator_only", "on")),
    ],
)
def test_a_tip_is_compared_with_what_the_experiment_has_of_it(
    name: str, has: dict[str, object], levels: tuple[str, str], left_out: tuple[str, str], told: tuple[str, str]
) -> None:
    base = Experiment().with_(has)
    for switched_on, expected in ((False, levels), (True, left_out)):
        factor = own_factor(name, base, switched_on=switched_on)
        assert (factor.start, *factor.others) == expected
        assert factor.terms() == [(name, *told)], "from off to on, whichever side the baseline is on"
        assert len({base.with_(factor.changes(level, base)).id for level in expected}) == 2
    assert base.with_(own_factor(name, base, switched_on=False).changes(levels[0], base)).id == base.id


@pytest.mark.parametrize(
    ("name", "typed", "changes"),
    [
        ("gradient_penalty", {"objective.penalty.weight": 5}, {"kind": "wgan_gp", "every": 1}),
        ("ema", {"average.half_life": 500}, {"average.half_life": 0}),
        ("batch_norm", {"generator.normalisation": "none"}, {"generator": "batch", "discriminator": "batch"}),
        ("gradient_penalty", {"objective.penalty.kind": "r1"}, {"kind": "wgan_gp", "weight": 10, "every": 1}),
        ("mini_batch", {"update.batch": 20}, {"update.batch": 200}),
    ],
)
def test_what_is_typed_is_the_experiments_own_and_stays_where_a_tip_is_switched_on(
    name: str, typed: dict[str, object], changes: dict[str, object]
) -> None:
    base = Experiment().with_(typed)
    factor = own_factor(name, base, switched_on=False, typed=typed)
    made = factor.changes(factor.others[0], base)
    assert {key if key in changes else _part(key, changes): value for key, value in made.items()} == changes
    assert base.with_(factor.changes(factor.start, base)).id == base.id


def _part(key: str, names: dict[str, object]) -> str:
    return next(part for part in key.split(".") if part in names)


def test_a_tip_that_is_typed_as_off_cannot_be_switched_on() -> None:
    for name, typed in (("ema", {"average.half_life": 0}), ("gradient_penalty", {"objective.penalty.kind": "none"})):
        (key,) = typed
        with pytest.raises(Misuse, match=f"factor '{name}': {key}=.* is set, holds in every arm and leaves nothing"):
            own_factor(name, Experiment().with_(typed), switched_on=False, typed=typed)


def test_every_tip_of_the_catalogue_can_be_listed_beside_the_usual_experiment() -> None:
    for name in TIPS:
        factor = own_factor(name, Experiment(), switched_on=False)
        assert TIPS[name].level_of(Experiment()) == factor.start


def test_what_cannot_be_taken_away_is_refused_with_what_to_write() -> None:
    base = Experiment().with_({"discriminator.normalisation": "spectral"})
    with pytest.raises(Misuse, match=r"has it at on, and off changes nothing there: say what takes its place, as in "):
        own_factor("spectral_norm", base, switched_on=False)
    with pytest.raises(Misuse, match=r"{path: discriminator.normalisation, levels: \[spectral, batch\]}"):
        own_factor("spectral_norm", base, switched_on=True)
