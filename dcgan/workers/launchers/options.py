"""`--option KEY=VALUE` words, read into the fields of a launcher."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable
from typing import Any, TypeVar, get_args, get_type_hints

from dcgan.common.errors import Misuse, did_you_mean

T = TypeVar("T")

_EXPECTED = {int: "a whole number", float: "a number"}


def read(kind: type[T], name: str, words: Iterable[str]) -> T:
    """The launcher of that class with its fields from `words`; the text of each is read as its field's type.

    Not read as YAML, for which a time limit of 8:00:00 is the number 28800. Raises Misuse for a word without `=`, a key
    given twice, an option that `name` does not have, or a value of the wrong type.
    """
    hints = get_type_hints(kind)
    fields = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise Misuse(f"--option {word}: expected KEY=VALUE")
        if key not in fields:
            raise Misuse(f"--option {key}: launcher {name} has no such option{did_you_mean(key, fields)}")
        if key in values:
            raise Misuse(f"--option {key} is given twice")
        values[key] = _value(key, text, hints[key])
    return kind(**values)


def _value(key: str, text: str, hint: Any) -> int | float | str:
    """`text` as the field's type; None may be a field's default, but cannot be given as text."""
    wanted = next(kind for kind in get_args(hint) if kind is not type(None)) if _is_union(hint) else hint
    try:
        value: int | float | str = wanted(text)
    except ValueError:
        raise Misuse(f"--option {key}={text}: expected {_EXPECTED[wanted]}") from None
    if not isinstance(value, str) and not 0 <= value < float("inf"):
        raise Misuse(f"--option {key}={text}: expected {_EXPECTED[wanted]}, 0 or more")
    return value


def _is_union(hint: Any) -> bool:
    return isinstance(hint, types.UnionType)
