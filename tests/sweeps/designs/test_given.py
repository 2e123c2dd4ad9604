"""Arms that are written down one by one."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.sweeps.designs import read_design
from tests.sweeps.designs.lettered import KIND, tips


def _arms(start: str = "bare", **combinations: Any) -> dict[str, dict[str, str]]:
    made = read_design({"given": {"combinations": combinations}})
    return {arm.name: dict(arm.levels) for arm in made.arms([*tips(start), KIND], start)}


def test_what_a_combination_does_not_name_is_at_its_start_level() -> None:
    usual = {"he_init": "off", "batch_norm": "off", "optimizer.generator.kind": "adam"}
    assert _arms(best={"he_init": "on"}, both={"he_init": "on", "optimizer.generator.kind": "sgd"}) == {
        "bare": usual,
        "best": {**usual, "he_init": "on"},
        "both": {**usual, "he_init": "on", "optimizer.generator.kind": "sgd"},
    }
    assert _arms("all", plain={"batch_norm": "off"})["plain"] == {
        "he_init": "on",
        "batch_norm": "off",
        "optimizer.generator.kind": "adam",
    }


def test_yamls_bare_on_and_off_are_a_tips_levels() -> None:
    assert _arms(best={"he_init": True})["best"]["he_init"] == "on"
    assert _arms("all", worst={"he_init": False})["worst"]["he_init"] == "off"


@pytest.mark.parametrize(
    ("combinations", "message"),
    [
        ({"best": {"he_int": "on"}}, "combination 'best': no factor 'he_int'; did you mean 'he_init'?"),
        ({"best": {"he_init": "yes"}}, "combination 'best': factor 'he_init' has no level 'yes'; valid: off, on"),
        ({"best": {"he_init": "off"}}, "combination 'best' is the arm 'bare' again"),
        ({"one": {"he_init": "on"}, "two": {"he_init": "on"}}, "combination 'two' is the arm 'one' again"),
        ({"bare": {"he_init": "on"}}, "combination 'bare' is the arm 'bare' again"),
        ({"best": "on"}, "'best': expected {factor: level}, not 'on'"),
        ({}, "expected one combination or more, {name: {factor: level}}"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(combinations: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        _arms(**combinations)
    assert message in str(refusal.value) and "\n" not in str(refusal.value)
