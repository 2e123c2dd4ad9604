"""Numbers, counts and times as people read them."""

from __future__ import annotations


def number(value: float | None, digits: int = 4) -> str:
    """A number with that many significant digits; a dash for none."""
    return "-" if value is None else f"{value:.{digits}g}"


def count(n: int, noun: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def duration(seconds: float) -> str:
    """A time as people say it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
