"""stdout and stderr to which writing never fails: what a command did is not undone by how it is told."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

_GONE = {errno.EPIPE, errno.EIO, errno.EBADF}  # whoever read it, or the terminal, is there no more


@contextlib.contextmanager
def unfailing_streams() -> Iterator[Callable[[], str | None]]:
    """For the block, stdout and stderr take every character and no longer raise.

    Characters that a terminal cannot show are written as Python escapes them. What a reader that has gone does not
    take is dropped. Yields a function that writes what is still held back, and gives the reason why a part of stdout
    could not be written, on a full disk for example; None where nobody can miss it.
    """
    before = sys.stdout, sys.stderr
    out, err = (_Unfailing(stream) for stream in before)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)

    def unwritten() -> str | None:
        out.flush()
        return out.failure

    try:
        yield unwritten
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


class _Unfailing:
    """A text stream, or None for one that was closed before the program began, as one that takes everything."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = open(os.devnull, "w", encoding="utf-8") if stream is None else stream  # noqa: SIM115, PTH123
        self.failure: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Takes the text, whatever becomes of it."""
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            coding = self._stream.encoding
            self.write(text.encode(coding, "backslashreplace").decode(coding))
        except (OSError, ValueError, RuntimeError) as error:
            self._drop(error)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Takes the lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Writes what is held back, as far as that can be."""
        try:
            self._stream.flush()
        except (OSError, ValueError, RuntimeError) as error:
            self._drop(error)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream.isatty()
        return False

    def _drop(self, error: Exception) -> None:
        """Lets everything from now on go nowhere, also what Python itself writes at its end."""
        if not isinstance(error, OSError):
            return  # closed, or a signal's own line within another one
        if error.errno not in _GONE:
            self.failure = self.failure or error.strerror or str(error)
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
