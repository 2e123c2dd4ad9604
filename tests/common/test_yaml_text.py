"""YAML as it is read here: a key once in a mapping, merges, what is no mapping, and what no text is."""

from __future__ import annotations

import importlib.util
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.common import yaml_text
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.yaml_text import RepeatedKey, parse_yaml, read_yaml

TWICE = """\
optimizer:
  generator: {lr: 0.0002}
  discriminator: {lr: 0.0002}
  # the same once more
  generator:
    lr: 0.1
"""


@pytest.fixture(params=["fast", "plain"], autouse=True)
def _both_loaders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may have been built without the fast one."""
    if request.param == "plain":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
        of_python = _loaded_anew()
        monkeypatch.setattr(yaml_text, "_OnceALoader", of_python._OnceALoader)
        monkeypatch.setattr(of_python, "RepeatedKey", RepeatedKey)
        assert issubclass(yaml_text._OnceALoader, yaml.SafeLoader)


def _loaded_anew() -> Any:
    spec = importlib.util.spec_from_file_location("yaml_text_anew", yaml_text.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_key_twice_in_a_mapping_is_refused_with_both_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TWICE, encoding="utf-8")
    with pytest.raises(
        Misuse, match=r"mine\.yaml: key 'generator' is given twice, in lines 2 and 5: keep one of them$"
    ):
        read_yaml(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{a: 1, a: 1}", "key 'a' is given twice, in line 1"),
        ("a: 1\n\n'a': 2", "'a' is given twice, in lines 1 and 3"),
        ("on: 1\ntrue: 2", "'true' is given twice, in lines 1 and 2"),
        ("- b: {c: [{d: 1, d: 2}]}", "'d' is given twice"),
        ("x: &x {a: 1}\ny: {<<: *x, b: 1, b: 2}", "'b' is given twice, in line 2"),
        ("y: {<<: {a: 1, a: 2}}", "'a' is given twice"),
        ("!!set {a, a}", "'a' is given twice"),
    ],
)
def test_wherever_it_stands(text: str, said: str) -> None:
    with pytest.raises(RepeatedKey, match=said):
        parse_yaml(text)


def test_a_merge_is_no_repetition_and_its_mapping_may_be_used_again() -> None:
    text = (
        "base: &base {beta: 1, lr: 2}\nfirst: &first {<<: *base, lr: 3}\nsecond: {<<: *first, kind: 4}\nthird: *first"
    )
    assert parse_yaml(text) == {
        "base": {"beta": 1, "lr": 2},
        "first": {"beta": 1, "lr": 3},
        "second": {"beta": 1, "lr": 3, "kind": 4},
        "third": {"beta": 1, "lr": 3},
    }


def test_the_same_key_may_stand_in_two_mappings_and_numbers_are_those_of_yaml() -> None:
    assert parse_yaml("a: {b: 1}\nc: {b: 2}\n1: x\n'1': y") == {"a": {"b": 1}, "c": {"b": 2}, 1: "x", "1": "y"}
    assert parse_yaml("1.0e-05") == 1e-05
    assert parse_yaml("1e-05") == "1e-05"


def test_what_is_no_text_of_a_mapping_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("a: [1\n", encoding="utf-8")
    (tmp_path / "code.yaml").write_text("a: !!python/object/apply:os.system ['true']\n", encoding="utf-8")
    (tmp_path / "bytes.yaml").write_bytes(b"name: caf\xe9\n")
    messages = {
        "list": "expected a mapping",
        "broken": r"broken.yaml is not valid YAML: line 2, column 1: .*expected ',' or '\]'",
        "code": "not valid YAML",
        "bytes": r"bytes.yaml is not UTF-8 \(byte 9\): save it as UTF-8",
    }
    for name, message in messages.items():
        with pytest.raises(Misuse, match=message) as refused:
            read_yaml(tmp_path / f"{name}.yaml")
        assert "\n" not in str(refused.value)
    with pytest.raises(DcganError, match="cannot read"):
        read_yaml(tmp_path)


def test_an_empty_file_and_a_mark_of_byte_order_are_nothing_special(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n", encoding="utf-8")
    (tmp_path / "marked.yaml").write_text("seed: 1\n", encoding="utf-8-sig")
    assert read_yaml(tmp_path / "empty.yaml") == {}
    assert read_yaml(tmp_path / "marked.yaml") == {"seed": 1}


def test_half_a_character_is_no_yaml() -> None:
    with pytest.raises(yaml.YAMLError):
        parse_yaml("caf\udce9: 1")


def test_what_looks_like_a_date_is_text() -> None:
    assert parse_yaml("{folder: 2024-02-03, other: 2024-02-30}") == {"folder": "2024-02-03", "other": "2024-02-30"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 0x_", "text is written in quotes"),
        (f"a: {'9' * 5000}", "text is written in quotes"),
        ("data: &a {name: digits, x: *a}", "an anchor"),
        ("&a [1, [*a]]", "an anchor"),
        ("[" * 5000, "nested|flow"),
    ],
)
def test_a_value_that_python_cannot_have_is_no_yaml(text: str, complaint: str) -> None:
    with pytest.raises(yaml.YAMLError, match=complaint):
        parse_yaml(text)


def test_what_an_anchor_names_may_stand_twice() -> None:
    assert parse_yaml("a: &a [1]\nb: [*a, *a]") == {"a": [1], "b": [[1], [1]]}


def _laughs(levels: int) -> str:
    """A few lines of anchors, each ten times the one before it: ten to the power of `levels` values."""
    lines = ["a0: &a0 [x]"] + [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)
    ]
    return "\n".join(lines)


def _doubled(levels: int) -> str:
    """Mappings that merge the one before them twice each."""
    lines = [f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}]}}" for level in range(1, levels)]
    return "\n".join(["a0: &a0 {k: 1}", *lines])


@pytest.mark.parametrize("text", [_laughs(9), _doubled(40), "[" + "x," * 10**6 + "]", "- x\n" * 10**6])
def test_a_text_of_too_many_values_is_refused_before_they_are_made(text: str):
    tracemalloc.start()
    try:
        with pytest.raises(yaml.YAMLError, match="more than 100,000 values"):
            parse_yaml(text)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200 + "]" * 200,
        "- " * 200 + "x",
        "{a: " * 200 + "1" + "}" * 200,
        "\n".join(["a0: &a0 [x]", *(f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, 200))]),
    ],
)
def test_deep_nesting_is_refused(text: str):
    with pytest.raises(yaml.YAMLError, match="nested too deeply"):
        parse_yaml(text)
    assert parse_yaml("[" * 100 + "]" * 100)


def test_anchors_in_moderation_are_read():
    assert parse_yaml("a: &a {k: 1}\nb: {<<: *a, l: 2}\nc: [*a, *a]")["c"] == [{"k": 1}] * 2


def test_a_file_of_no_end_is_refused(tmp_path: Path):
    (tmp_path / "x.yaml").symlink_to("/dev/zero")
    with pytest.raises(DcganError, match="cannot read .*x.yaml: not a regular file"):
        read_yaml(tmp_path / "x.yaml")
    with (tmp_path / "y.yaml").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(DcganError, match="cannot read .*y.yaml: too large: at most 2 MiB are read"):
        read_yaml(tmp_path / "y.yaml")
