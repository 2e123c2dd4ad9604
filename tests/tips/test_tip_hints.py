"""A word that is no tip leads to what was meant."""

from __future__ import annotations

import pytest

from dcgan.tips import TIPS
from dcgan.tips.tip_hints import _SHORT, tip_hint


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("gp", "; did you mean 'gradient_penalty'?"),
        ("BN", "; did you mean 'batch_norm'?"),
        ("hinge", ": a value of a setting, objective.loss=hinge"),
        ("wgan_gp", ": a value of a setting, objective.penalty.kind=wgan_gp"),
        ("rmsprop", ": a value of a setting, optimizer.generator.kind=rmsprop or optimizer.discriminator.kind=rmsprop"),
        ("batchnorm", "; did you mean 'batch_norm'?"),
    ],
)
def test_a_word_leads_to_what_was_meant(word: str, hint: str) -> None:
    assert tip_hint(word, TIPS) == hint


def test_every_abbreviation_is_of_a_tip() -> None:
    assert set(_SHORT.values()) <= set(TIPS)
