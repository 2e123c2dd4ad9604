"""Numbers, counts and times as people read them."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dcgan.common.formatting import (
    count,
    duration,
    number,
    printable,
    settings_text,
    shell_word,
    size_text,
    whole_range,
)


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


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@example("\udcff: not UTF-8, as a file may be called")
@settings(max_examples=30, deadline=None)
def test_a_word_for_a_shell_is_one_line_that_means_the_text(text: str) -> None:
    word = shell_word(text)
    assert word.isprintable()
    shown = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert shown == os.fsencode(text)


def test_what_would_break_or_hide_a_line_is_a_hyphen() -> None:
    assert printable("a\nb\u2028c\x1b[0m\udcff d") == "a-b-c-[0m- d"


def test_settings_are_called_by_what_tells_them_apart() -> None:
    names = ["he_init", "optimizer.generator.lr", "optimizer.discriminator.lr", "generator.width"]
    levels = {"optimizer.generator.lr": "0.0004", "generator.width": "12", "he_init": "on"}
    assert settings_text(levels, names) == "generator.lr 0.0004, width 12, he_init on"
    assert settings_text(levels, levels) == "lr 0.0004, width 12, he_init on"
    assert settings_text({}, names) == ""


def test_a_range_of_whole_numbers_is_one_number_where_all_are_equal() -> None:
    assert whole_range({1600}) == whole_range([1600, 1600]) == "1,600"
    assert whole_range({1600, 400, 800}) == "400 to 1,600"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 kB"), (340_000, "340 kB"), (1_240_000_000, "1.2 GB"), (5e13, "50000 GB")]
)
def test_sizes_are_in_the_unit_that_people_use(size: float, text: str) -> None:
    assert size_text(size) == text
