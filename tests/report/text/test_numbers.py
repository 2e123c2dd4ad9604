"""Effects as people read them."""

from __future__ import annotations

import math

import pytest

from dcgan.common.formatting import cut, listed, ratio_text
from dcgan.report.text.numbers import Numbers

# ruff: noqa: RUF001 - true minus signs and the sign of multiplication, as readers see them


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.25, "+25 %"),
        (1.05, "+5.0 %"),
        (0.5, "−50 %"),
        (0.905, "−9.5 %"),
        (2.0, "+100 %"),
        (2.5, "×2.5"),
        (13.2, "×13"),
    ],
)
def test_ratios_are_per_cent_and_factors_above_a_doubling(ratio: float, text: str) -> None:
    assert ratio_text(math.log(ratio)) == text


def test_effects_are_written_on_their_scale() -> None:
    assert Numbers(2).effect(1.234) == "+1.23"
    assert Numbers(2, "ratio").effect(math.log(1.5)) == "+50 %"
    assert Numbers(2, "ratio").effect_interval((math.log(0.8), math.log(3.0))) == "[−20 %, ×3.0]"
    assert Numbers(2, "ratio").effect(None) == "–"
    assert Numbers(2).effect_interval(None) == ""


def test_words_are_cut_and_listed() -> None:
    assert (cut("abcdef", 4), cut("abc", 4)) == ("abc…", "abc")
    assert [listed(["a"]), listed(["a", "b", "c"])] == ["a", "a, b and c"]
