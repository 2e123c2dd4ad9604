"""Files that are either the old ones or the new ones, never halves: write aside, fsync, rename."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from dcgan.common import regular_files
from dcgan.common.errors import DcganError, Misuse, NoRoom
from dcgan.common.json_text import parse_json
from dcgan.common.path_text import as_text

MOST_JSON = 16 * 2**20  # bytes: a plan of 150,000 trials
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Calls `write` with a temporary file beside `path`, then renames it into place.

    Raises DcganError (disk full, read-only, no permission) and leaves the old file as it was.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise cannot("write", path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes `text` as UTF-8, atomically."""
    write_atomically(path, lambda file: file.write(text.encode()))


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as indented JSON, atomically. NaN and infinity are refused: they are not JSON."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object; a damaged or missing file is a DcganError that names it and says how to fix it."""
    try:
        value = parse_json(regular_files.read_text(path, MOST_JSON))
    except OSError as error:
        raise cannot("read", path, error) from error
    except ValueError as error:
        raise DcganError(f"{path} is damaged (not JSON): delete it, or its folder, to start over") from error
    if not isinstance(value, dict):
        raise DcganError(f"{path} is damaged (expected a JSON object): delete it to start over")
    return value


def cannot(do: str, path: Path, error: OSError) -> DcganError:
    """The one-line error for an operating system's refusal; NoRoom for a disk that is full."""
    kind = NoRoom if error.errno in (errno.ENOSPC, errno.EDQUOT) else DcganError
    return kind(f"cannot {do} {as_text(path)}: {error.strerror or error}")


def checked_name(name: str, what: str) -> str:
    """Refuses a name that could not be a plain file name on every system (slashes, spaces, markup)."""
    if not _NAME.fullmatch(name):
        raise Misuse(f"{what} {name!r}: use letters, digits, '.', '_' and '-' only, starting with a letter or digit")
    return name


def plain_name(text: str, most: int = 100) -> str:
    """The text as a plain file name: what could not be in one becomes a hyphen, and a long one ends in its digest.

    Example:
        >>> plain_name("demo/trials+my study")
        'demo-trials+my-study'
    """
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip(".-+") or "report"
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return name if len(name) <= most else f"{name[: most - 9]}-{digest}"


def flock(file: IO[Any], *, wait: bool, shared: bool = False) -> bool:
    """Takes the operating system's lock on an open file; False at once if it is taken and not `wait`.

    The lock is exclusive unless `shared`. It is released when the file is closed or the process ends, however it ends.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Holds an exclusive lock on `path` for the block; yields False at once if it is taken and not `wait`.

    Who held it may have removed the file: a lock on what has no name any more keeps nobody away, and another is taken.
    """
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = regular_files.appended(path)
        except OSError as error:
            raise cannot("lock", path, error) from error
        with file:
            mine = flock(file, wait=wait)
            if not mine or _is_at(path, file):
                yield mine
                return


def _is_at(path: Path, file: IO[Any]) -> bool:
    """Whether the open file is the one that has that path now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
