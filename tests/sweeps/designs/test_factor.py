"""Factors: levels as text, and what each one does to an experiment."""

from __future__ import annotations

from dcgan.experiment import Experiment
from dcgan.sweeps.designs import (
    experiments,
    level_text,
)
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
