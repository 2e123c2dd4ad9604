"""The errors a user may see: one clear line each, with the exit code that goes with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DcganError(Exception):
    """Something failed (exit code 1). The message is one line: what, where, what was expected."""

    exit_code = 1


class Misuse(DcganError, ValueError):
    """The user asked for something that cannot be (exit code 2). A ValueError, so that validators may raise it."""

    exit_code = 2


class Interrupted(DcganError):
    """Stopped on request; what was done is kept and can be continued (exit code 130)."""

    exit_code = 130


class NoRoom(DcganError):
    """The disk or the user's share of it is full: nobody's fault, and over when there is room again."""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the closest valid name, else `"; valid: a, b, c"`."""
    names = list(valid)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"; valid: {shown}" if names else ""
