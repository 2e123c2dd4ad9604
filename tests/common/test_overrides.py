"""Every spelling of KEY=VALUE that people and the W&B agent use."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten, merge, nest, parse_words


@pytest.mark.parametrize(
    ("word", "key", "value"),
    [
        ("a.b=1", "a.b", 1),
        ("--a.b=1", "a.b", 1),
        ("lr=1e-05", "lr", 1e-05),
        ("lr=0.001", "lr", 0.001),
        ("on=True", "on", True),
        ("on=true", "on", True),
        ("on=False", "on", False),
        ("x=None", "x", None),
        ("x=null", "x", None),
        ("name=adam", "name", "adam"),
        ("name='adam'", "name", "adam"),
        ("list=[1, 2]", "list", [1, 2]),
        ("list=[a, b]", "list", ["a", "b"]),
        ("section={'bn': False, 'lr': 1e-05}", "section", {"bn": False, "lr": 1e-05}),
        ("section={bn: false}", "section", {"bn": False}),
        ("path=/data/a=b", "path", "/data/a=b"),
        ("empty=", "empty", None),
        ("odd=[1, {", "odd", "[1, {"),
    ],
)
def test_spellings(word: str, key: str, value: object) -> None:
    assert parse_words([word]) == {key: value}


@pytest.mark.parametrize("word", ["batch", "--batch", "=3", "--=3"])
def test_words_without_key_or_value_are_refused(word: str) -> None:
    with pytest.raises(Misuse, match="expected KEY=VALUE"):
        parse_words([word])


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(Misuse, match="'a' is given twice"):
        parse_words(["a=1", "--a=2"])


@pytest.mark.parametrize("value", ["{'a': 1, 'a': 2}", "{a: 1, a: 2}", "[{'x': {0: 1, 0: 2}}]"])
def test_a_key_given_twice_within_a_value_is_refused(value: str) -> None:
    with pytest.raises(Misuse, match=r"^s=.*: key '[a0]' is given twice.*: keep one of them$"):
        parse_words([f"s={value}"])


def test_a_key_given_by_its_dots_and_in_a_mapping_is_refused() -> None:
    with pytest.raises(Misuse, match=r"'a\.b\.c' is given twice"):
        nest({"a": {"b": {"c": 1}}, "a.b": {"c": 2}})
    with pytest.raises(Misuse, match=r"'a\.b' is given twice"):
        nest({"a": {"b": 1}, "a.b": 2})
    with pytest.raises(Misuse, match=r"'a\.b' is given twice"):
        flatten({"a.b": 1, "a": {"b": 2}})
    assert flatten({"a.b": 1, "a": {"c": 2}}) == {"a.b": 1, "a.c": 2}


def test_nesting_and_merging() -> None:
    assert nest({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert nest({"a.b": 1, "a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}
    with pytest.raises(Misuse, match="given a value and keys"):
        nest({"a": 1, "a.b": 2})
    base = {"a": {"b": 1, "c": 2}}
    assert merge(base, {"a": {"b": 5}}) == {"a": {"b": 5, "c": 2}}
    assert base == {"a": {"b": 1, "c": 2}}
