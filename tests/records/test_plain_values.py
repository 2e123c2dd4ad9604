"""What may stand in a record."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dcgan.records.plain_values import is_finite, is_plain


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, True, "1", None])
def test_no_finite_number(value: object) -> None:
    assert not is_finite(value)


def test_plain_values_are_what_json_can_hold() -> None:
    assert is_plain({"a": [1, 2.5, None, "x", True, {"b": ()}]})
    assert is_plain(_nested(15)) and not is_plain(_nested(100_000))
    for bad in (math.nan, [math.inf], {"a": {"b": math.nan}}, {1: 2}, object(), b"x"):
        assert not is_plain(bad)
