"""JSON from anywhere: no deeper and of no more values than any file of this program is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

DEEPEST = 100  # levels of lists and objects: what works on values may call itself once a level
# What taking values apart raises that are not what one expects; the last: a whole number that no float can be.
UNEXPECTED = (TypeError, KeyError, ValueError, AttributeError, OverflowError)
_MOST = 2_000_000  # values, each of which takes up to 64 bytes


def parse_json(text: str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """The values that a text is; an object is what `pairs` makes of it, where that is given.

    Raises ValueError for what is no JSON, nested more than `DEEPEST` levels deep, or of millions of values. NaN and
    infinity are no JSON, however they are written: 1e999 is infinity, too.
    """
    if text.count(",") > _MOST:
        raise ValueError(f"more than {_MOST:,} values")
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_float=_finite, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if text.count("[") + text.count("{") > DEEPEST:
        _check_depth(value)
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no finite number")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return
    raise ValueError("nested too deeply")
