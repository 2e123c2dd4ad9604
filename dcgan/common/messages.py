"""Lines on stderr beside the result: notes, progress, errors. None of them can stop the program."""

from __future__ import annotations

import contextlib
import re
import sys
from functools import lru_cache

from dcgan.common.url_text import without_passwords

# C0 but for the tab, C1, which a terminal obeys as well, and Unicode's own ends of lines.
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def message(text: str) -> None:
    """Writes one line to stderr, as it is but for the passwords of URLs and for control characters. Never raises.

    A log on a full disk (OSError), a pipe whose reader has gone (BrokenPipeError), a stream that is closed
    (ValueError), and a signal that arrives while another line is being written (RuntimeError) lose the line, nothing
    else.
    """
    if sys.stderr is None:  # the program was started without one: `print` would then write to stdout
        return
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        sys.stderr.write(f"{escaped(without_passwords(text))}\n")


def escaped(text: str) -> str:
    """The text on one line and without power over a terminal: each control character, as names of files may hold
    them, is spelled as Python does.

    Example:
        >>> escaped("bad\\n\\x1b[31mred.png")
        'bad\\\\n\\\\x1b[31mred.png'
    """
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def note(text: str) -> None:
    """`note: text` on stderr: something that the user should know, and that is no error. Never raises."""
    message(f"note: {text}")


@lru_cache(maxsize=256)
def say_once(text: str) -> None:
    """A line on stderr, once a process: a folder, say, is looked at by each trial."""
    message(text)
