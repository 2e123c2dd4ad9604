"""A tip typed as a setting is told as settings, which can be typed and are that level."""

from __future__ import annotations

import re

import pytest

from dcgan.common.overrides import parse_words
from dcgan.experiment import load
from dcgan.tips import TIPS, apply
from dcgan.tips.as_settings import as_settings, is_a_tip

_LEVELS = [(name, level) for name, tip in TIPS.items() for level in tip.levels]


@pytest.mark.parametrize(("name", "level"), _LEVELS)
def test_every_level_is_told_as_settings_that_make_it(name: str, level: str) -> None:
    base = load("digits")
    told = as_settings(name, level, base)
    settings = re.findall(r"[\w.]+=\S+", told.partition(";")[0])
    changes = parse_words(settings)
    assert told.startswith(f"'{name}' is a tip, at {level}: ") and f"`dcgan tips {name}` shows" in told
    assert (changes or "the experiment as it is" in told) and len(settings) == len(changes)
    assert base.with_(changes).id == apply(base, {name: level}).id


def test_on_stands_for_what_is_no_level() -> None:
    base = load("digits")
    assert as_settings("ema", 0.999, base) == as_settings("ema", True, base) == as_settings("ema", "on", base)
    assert "at off: average.half_life=0" in as_settings("ema", False, base)


@pytest.mark.parametrize(
    ("name", "value", "tip"),
    [
        ("ema", True, True),
        ("ema", 5000, False),  # `average.half_life`
        ("ema", 0.999, True),
        ("gradient_penalty", "r1", False),  # `objective.penalty.kind`
        ("gradient_penalty", "lazy", True),
        ("optimizer", "sgd", False),  # a section
        ("replay", True, True),
        ("replay", 0.5, False),
        ("lr_decay", "linear", True),
        ("update.batch", 5, False),
    ],
)
def test_a_name_is_a_tip_unless_a_setting_is_called_so_that_takes_the_value(
    name: str, value: object, tip: bool
) -> None:
    assert is_a_tip(name, value) is tip
