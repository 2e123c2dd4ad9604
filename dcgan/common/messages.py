"""Lines on stderr beside the result: notes, progress, errors. None of them can stop the program."""

from __future__ import annotations

import contextlib
import sys

from dcgan.common.url_text import without_passwords


def message(text: str) -> None:
    """Writes a line to stderr, as it is but for the passwords of URLs. Never raises.

    A log on a full disk (OSError), a pipe whose reader has gone (BrokenPipeError), a stream that is closed
    (ValueError), and a signal that arrives while another line is being written (RuntimeError) lose the line, nothing
    else.
    """
    if sys.stderr is None:  # the program was started without one: `print` would then write to stdout
        return
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        sys.stderr.write(f"{without_passwords(text)}\n")


def note(text: str) -> None:
    """`note: text` on stderr: something that the user should know, and that is no error. Never raises."""
    message(f"note: {text}")
