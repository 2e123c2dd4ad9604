"""`KEY=VALUE` words from a command line or from the W&B agent, turned into nested plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import yaml

from dcgan.common.errors import Misuse


def parse_words(words: Iterable[str]) -> dict[str, Any]:
    """Dotted keys to plain values. Both `a.b=1` and `--a.b=1`; values as YAML or as Python prints them.

    Python first: the W&B agent sends `1e-05`, `None`, `{'bn': False}`, which YAML reads as strings.
    Raises Misuse for a word without `=` and for a key given twice.
    """
    return {key: parse_value(text) for key, text in split_words(words).items()}


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
    """One value: a Python literal, else YAML, else the text itself."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def nest(flat: dict[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`. Raises Misuse if one key lies inside another's value."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        *sections, last = key.split(".")
        inner = nested
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise Misuse(f"'{key}': '{section}' is given a value and keys of its own")
        if isinstance(inner.get(last), dict) and isinstance(value, dict):
            inner[last] = merge(inner[last], value)
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
    """Nested mappings as one level of dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat
