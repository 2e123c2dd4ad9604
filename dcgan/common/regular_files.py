"""Reading and writing where a stranger may have been: regular files alone, and no more of them than is expected.

A pipe keeps its reader waiting for ever, and a device or a sparse file fills the memory. Each of them may stand behind
a link in a folder of images, of a run or of a study. What is written in place is written through no link: whoever made
the folder chose where that leads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from io import BufferedRandom, BufferedReader, BufferedWriter
from pathlib import Path
from typing import IO, TypeVar

Opened = TypeVar("Opened", bound=IO[bytes])

REFUSED = (errno.ELOOP, errno.EINVAL)  # of links, and of what is no regular file
MOST_OF_A_PICTURE = 64 * 2**20  # bytes of a file that a page shows
_LINK = "it is a link, and nothing is written through one: delete it, or put what it leads to in its place"
_UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def state(path: Path) -> os.stat_result:
    """The state of a regular file, behind links too. Raises OSError for anything else."""
    return _regular(path.stat())


def opened(path: Path) -> BufferedReader:
    """A regular file, open for reading, at once. Raises OSError for anything else: a folder, a pipe, a device."""
    state(path)  # opening a device may do something
    return _checked(open(path, "rb", opener=_at_once))


def appended(path: Path) -> BufferedWriter:
    """A regular file, open for writing at its end; made if it is not there. Raises OSError for anything else, and for a
    link."""
    _check_written(path)
    return _checked(open(path, "ab", opener=_in_place))


def emptied(path: Path) -> BufferedWriter:
    """As `appended`, of a file that is empty from then on."""
    _check_written(path)
    return _checked(open(path, "wb", opener=_in_place))


def changed(path: Path) -> BufferedRandom:
    """As `appended`, of a file that is there, open for reading and writing at its beginning."""
    _check_written(path)
    return _checked(open(path, "r+b", opener=_in_place))


def read(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError for any other."""
    with opened(path) as file:
        check_size(os.fstat(file.fileno()).st_size, most)
        content = file.read(most + 1)
    check_size(len(content), most)
    return content


def end(path: Path, most: int) -> bytes:
    """The whole lines among the last `most` bytes of a regular file. Raises OSError for anything else."""
    with opened(path) as file:
        begins = max(0, os.fstat(file.fileno()).st_size - most)
        file.seek(max(0, begins - 1))
        content = file.read(most + (begins > 0))
    return content.partition(b"\n")[2] if begins else content


def read_text(path: Path, most: int, encoding: str = "utf-8", errors: str = "strict") -> str:
    """As `read`, decoded, with any end of line as one letter. Raises UnicodeDecodeError, too."""
    return read(path, most).decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")


def check_size(size: int, most: int) -> None:
    """Raises OSError for a file of so many bytes."""
    if size > most:
        raise OSError(errno.EFBIG, f"too large: at most {_words(most)} are read")


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for who is at the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK, 0o666)


def _in_place(path: str, flags: int) -> int:
    """As `_at_once`, through no link at the path's end; the folders before it may be links."""
    try:
        return _at_once(path, flags | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, _LINK) from None
        raise


def _check_written(path: Path) -> None:
    """Raises OSError for what is there and is no regular file: opening it may do something."""
    with contextlib.suppress(FileNotFoundError):
        state(path)


def _checked(file: Opened) -> Opened:
    """The open file, if it is a regular one: what had its name a moment ago may have been another."""
    try:
        _regular(os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def _regular(found: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return found


def _words(size: int) -> str:
    """`16 MiB`."""
    unit, name = next(((unit, name) for unit, name in _UNITS if size >= unit), (1, "bytes"))
    return f"{size / unit:.3g} {name}"
