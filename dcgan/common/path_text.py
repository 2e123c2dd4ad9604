"""Paths as text that any file, log or message can hold, and back.

A file's name is bytes. Python holds those that are no UTF-8 as lone surrogates, which nothing can write down: no UTF-8
file, no terminal, no database. As text they are spelled `\\xNN`, as shells and Python do.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_SPELLED = re.compile(rb"\\x([89a-f][0-9a-f])")


def as_text(path: str | Path) -> str:
    """The path with each byte that is no UTF-8 spelled `\\xNN`; any other path as it is.

    Example:
        >>> as_text("caf\\udce9.png")
        'caf\\\\xe9.png'
    """
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def from_text(written: Path) -> Path:
    """The path that `as_text` spelled so, if there is one; else the path that is written so."""
    spelled = _SPELLED.sub(lambda found: bytes.fromhex(found[1].decode()), os.fsencode(written))
    meant = Path(os.fsdecode(spelled))
    # `Path.exists` raises for a name that is too long.
    return meant if meant != written and not os.path.lexists(written) and os.path.exists(meant) else written  # noqa: PTH110
