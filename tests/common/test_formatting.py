"""Numbers, counts and times as people read them."""

from __future__ import annotations

import pytest

from dcgan.common.formatting import count, duration, number, settings_text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.0, "0"), (31.23456, "31.23"), (0.000123456, "0.0001235"), (1e6, "1e+06")]
)
def test_numbers_have_four_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_numbers_have_as_many_digits_as_asked_for() -> None:
    assert number(31.23456, 2) == "31"


@pytest.mark.parametrize(("n", "text"), [(0, "0 seeds"), (1, "1 seed"), (3, "3 seeds")])
def test_counts_have_their_plural(n: int, text: str) -> None:
    assert count(n, "seed") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"), (5400, "1.5 h"), (12600, "3.5 h")],
)
def test_times_are_in_the_unit_that_people_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_settings_are_called_by_what_tells_them_apart() -> None:
    names = ["he_init", "optimizer.generator.lr", "optimizer.discriminator.lr", "generator.width"]
    levels = {"optimizer.generator.lr": "0.0004", "generator.width": "12", "he_init": "on"}
    assert settings_text(levels, names) == "generator.lr 0.0004, width 12, he_init on"
    assert settings_text(levels, levels) == "lr 0.0004, width 12, he_init on"
    assert settings_text({}, names) == ""
