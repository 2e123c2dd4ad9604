"""The catalogue: complete, and each tip moves its own keys only."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.tips import TIPS, apply, tip


@pytest.mark.parametrize("name", sorted(TIPS))
def test_on_and_off_differ_in_the_tips_own_keys_only(name: str) -> None:
    base = Experiment()
    off, on = (flatten(apply(base, {name: level}).model_dump()) for level in ("off", "on"))
    changed = {key for key in off if off[key] != on[key]}
    named = {key for fragment in TIPS[name].levels.values() for key in fragment}
    assert changed
    assert changed <= named


def test_two_tips_that_want_different_values_of_one_key_are_refused() -> None:
    message = (
        r"tips 'batch_norm' and 'spectral_norm' want discriminator.normalisation=batch and "
        r"discriminator.normalisation=spectral: leave one out"
    )
    with pytest.raises(Misuse, match=message):
        apply(Experiment(), {"batch_norm": "on", "spectral_norm": "on"})
    assert apply(Experiment(), {"batch_norm": "generator_only", "he_init": "on"}).generator.init == "he"


def test_a_tip_that_would_be_unused_is_refused() -> None:
    with pytest.raises(Misuse, match=r"schedule.every_epochs=1 never comes within budget.epochs=1"):
        apply(Experiment().with_({"budget.epochs": 1}), {"lr_decay": "on"})


def test_unknown_names_get_the_closest() -> None:
    with pytest.raises(Misuse, match="no tip named 'batchnorm'; did you mean 'batch_norm'"):
        tip("batchnorm")
    with pytest.raises(Misuse, match="no level 'onn'; did you mean 'on'"):
        apply(Experiment(), {"he_init": "onn"})
