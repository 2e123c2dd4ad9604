"""The errors a user may see: one clear line each, with the exit code that goes with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class DcganError(Exception):
    """Something failed (exit code 1). The message is one line: what, where, what was expected."""

    exit_code = 1


class Misuse(DcganError, ValueError):
    """The user asked for something that cannot be (exit code 2). A ValueError, so that validators may raise it."""

    exit_code = 2


class Interrupted(DcganError):
    """Stopped on request; what was done is kept and can be continued (exit code 130)."""

    exit_code = 130


class NoLocks(DcganError):
    """A file is on a file system without locks."""


class NoRoom(DcganError):
    """The disk or the user's share of it is full: nobody's fault, and over when there is room again."""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the closest valid name, whatever its case, else `"; valid: a, b, c"`."""
    names = list(valid)
    if (close := closest(name, names)) is not None:
        return one_of([close])
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"; valid: {shown}" if names else ""


def closest(name: str, valid: Sequence[str], cutoff: float = 0.5) -> str | None:
    """The valid name that is most like `name`, whatever its case; None where none is, by difflib's ratio."""
    if name in valid:
        return name
    lower = {each.lower(): each for each in reversed(valid)}
    close = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=cutoff)
    return lower[close[0]] if close else None


def one_of(names: Sequence[str]) -> str:
    """`"; did you mean 'a', 'b' or 'c'?"`, of one name or more."""
    *first, last = (f"'{name}'" for name in names)
    return f"; did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
