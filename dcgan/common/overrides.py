"""`KEY=VALUE` words from a command line or from the W&B agent, turned into nested plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import yaml

from dcgan.common.errors import Misuse
from dcgan.common.yaml_text import RepeatedKey, check_once, parse_yaml


def parse_words(words: Iterable[str]) -> dict[str, Any]:
    """Dotted keys to plain values. Both `a.b=1` and `--a.b=1`; values as YAML or as Python prints them.

    Python first: the W&B agent sends `1e-05`, `None`, `{'bn': False}`, which YAML reads as strings.
    Raises Misuse for a word without `=` and for a key given twice, of the words or within a value.
    """
    values = {}
    for key, text in split_words(words).items():
        try:
            values[key] = parse_value(text)
        except RepeatedKey as error:
            raise Misuse(f"{key}={text}: {error}") from None
    return values


def split_words(words: Iterable[str]) -> dict[str, str]:
    """Keys to values as they were typed. Raises as `parse_words`."""
    texts: dict[str, str] = {}
    for word in words:
        key, equals, text = word.removeprefix("--").partition("=")
        key = key.strip()
        if not equals or not key:
            raise Misuse(f"'{word}': expected KEY=VALUE, for example update.batch=50")
        if key in texts:
            raise Misuse(f"'{key}' is given twice")
        texts[key] = text
    return texts


def parse_value(text: str) -> Any:
    """One value: a Python literal, else YAML, else the text itself. Raises Misuse for a mapping with a key twice."""
    try:
        literal = ast.parse(text.strip(), mode="eval")
        value = ast.literal_eval(literal)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    else:
        _check_literal(literal)
        return value
    try:
        return parse_yaml(text)
    except yaml.YAMLError:
        return text


def _check_literal(literal: ast.AST) -> None:
    """Refuses a key that stands twice in one of Python's mappings, which keep the last."""
    for node in ast.walk(literal):
        if isinstance(node, ast.Dict):
            check_once(ast.literal_eval(key) for key in node.keys if key is not None)


def nest(flat: dict[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`. Raises Misuse if one key lies in another's value, or is given by it too."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        *sections, last = key.split(".")
        inner = nested
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise Misuse(f"'{key}': '{section}' is given a value and keys of its own")
        if isinstance(inner.get(last), dict) and isinstance(value, dict):
            if twice := flatten(inner[last]).keys() & flatten(value).keys():
                raise Misuse(f"'{key}.{min(twice)}' is given twice")
            inner[last] = merge(inner[last], value)
        elif last in inner:
            raise Misuse(f"'{key}' is given twice")
        else:
            inner[last] = value
    return nested


def merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` with `changes` laid over it, mapping by mapping; neither is altered."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def flatten(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one level of dotted keys. Raises Misuse for one that is given in both ways."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        below = flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
        if twice := flat.keys() & below.keys():
            raise Misuse(f"'{min(twice)}' is given twice")
        flat.update(below)
    return flat
