"""What a record may hold: numbers that are finite, texts, and lists and mappings of them, not too deep."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

_DEEPEST = 20


def is_finite(value: Any) -> bool:
    """Whether it is a number that can be written as JSON, and as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False


def is_count(value: Any, most: float = sys.float_info.max) -> bool:
    """Whether it is a whole number from 0 to `most`."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def is_plain(value: Any, depth: int = _DEEPEST) -> bool:
    """Whether it can be written as JSON and read again: no NaN, no infinity, and nothing that is nested without end."""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, list | tuple):
        return depth > 0 and all(is_plain(each, depth - 1) for each in value)
    if isinstance(value, Mapping):
        return depth > 0 and all(isinstance(key, str) and is_plain(each, depth - 1) for key, each in value.items())
    return is_finite(value)
