"""What is suggested for a part of a sweep's key is taken when it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.overrides import parse_words
from dcgan.sweeps import sweep

BASE = {"factors": "[ema, he_init, batch_norm, leaky_relu]", "seeds": "3"}


def _loaded(*words: str) -> Any:
    return sweep.load("demo", parse_words([*(f"{key}={value}" for key, value in BASE.items()), *words]))


@pytest.mark.parametrize(
    ("word", "whole"),
    [
        ("design.resolution=4", "design='{fractional: {resolution: 4}}'"),
        ("design.fractional.resolution=4", "design='{fractional: {resolution: 4}}'"),
        ("design.foldover=true", "design='{plackett-burman: {foldover: true}}'"),
        ("stop.at_most=8", "stop='{at_most: 8}'"),
        ("tune.paths=[optimizer.generator.lr]", "tune='{paths: [\"optimizer.generator.lr\"]}'"),
    ],
)
def test_what_is_suggested_is_taken(word: str, whole: str) -> None:
    with pytest.raises(Misuse) as refused:
        _loaded(word)
    assert str(refused.value).endswith(f"is given as a whole, as in {whole}")
    key, _, value = whole.partition("=")
    assert _loaded(f"{key}={value.strip(chr(39))}")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("design.resoluton=4", "design has no 'resoluton'; did you mean design='{fractional: {resolution: 4}}'?"),
        ("stop.zzz=4", "stop has no 'zzz'; its parts: when, at_most, every"),
        ("stop.at_mst=4", "stop has no 'at_mst'; did you mean stop='{at_most: 4}'?"),
    ],
)
def test_a_part_that_there_is_none_of_is_not_suggested(word: str, message: str) -> None:
    with pytest.raises(Misuse) as refused:
        _loaded(word)
    assert str(refused.value).endswith(message)
