"""Numbers, counts and times as people read them."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Collection, Iterable, Mapping

NONE = "–"  # noqa: RUF001 - a dash in a table's cell
_LARGEST = math.log(1000.0)  # a ratio above it is only told to be so
_DOUBLING = math.log(2.0)  # a ratio above it is written as a factor


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


def size_text(size: float) -> str:
    """Bytes as people read them: `340 kB`, `1.2 GB`."""
    unit, size = next(
        ((unit, size / scale) for unit, scale in (("kB", 1e3), ("MB", 1e6)) if size < 1000 * scale), ("GB", size / 1e9)
    )
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"


def ratio_text(value: float) -> str:
    """A difference of logarithms as people read it: `+25 %`, `-9.5 %`, `x13`."""
    if value > _LARGEST:
        return f"×{math.exp(_LARGEST):.0f} or more"  # noqa: RUF001
    if value > _DOUBLING:
        factor = math.exp(value)
        return f"×{factor:.0f}" if factor >= 9.95 else f"×{factor:.1f}"  # noqa: RUF001 - the sign of multiplication
    share = 100 * math.expm1(value)
    return minus(f"{share:+.0f} %" if abs(share) >= 9.95 else f"{share:+.1f} %")


def minus(text: str) -> str:
    """With the true minus sign for every hyphen."""
    return text.replace("-", "−")  # noqa: RUF001 - the true minus sign


def p_value(p: float | None) -> str:
    """`0.042`, `< 0.001`, or a dash."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(share: float | None) -> str:
    """`+12 %`, or a dash."""
    if share is None:
        return NONE
    return "0 %" if abs(share) < 0.005 else minus(f"{100 * share:+.0f} %")


def cut(text: str, length: int) -> str:
    """The text, at most so many letters of it."""
    return text if len(text) <= length else text[: length - 1] + "…"


def settings_text(levels: Mapping[str, str], names: Iterable[str]) -> str:
    """`lr 0.0004, optimizer rmsprop, he_init on`: the levels by name, each name by as few of its last dotted parts as
    tell it from the others of `names`."""
    others = set(names) | levels.keys()
    return ", ".join(f"{_short(name, others)} {level}" for name, level in levels.items())


def _short(name: str, names: Iterable[str]) -> str:
    parts = name.split(".")
    shorter = (".".join(parts[-length:]) for length in range(1, len(parts)))
    alone = (short for short in shorter if sum(f".{each}".endswith(f".{short}") for each in names) == 1)
    return next(alone, name)


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def printable(text: str) -> str:
    """The text in one line: a hyphen for every character that would break or hide it, as a file's name may have."""
    return "".join(letter if letter.isprintable() else "-" for letter in text)


def shell_word(text: str) -> str:
    """The text as a word for a shell, in one line: bash and zsh read `$'a\\x0ab'` as a line break in it."""
    if text.isprintable():
        return shlex.quote(text)
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F) if chr(byte) not in "'\\"}
    return "$'" + "".join(plain.get(byte, f"\\x{byte:02x}") for byte in os.fsencode(text)) + "'"


def whole_range(values: Collection[int]) -> str:
    """`1,600`, or `400 to 1,600`."""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
