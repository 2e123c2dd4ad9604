"""Files that are either the old ones or the new ones, never halves: write aside, fsync, rename."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from dcgan.common import regular_files
from dcgan.common.errors import DcganError, Misuse, NoLocks, NoRoom
from dcgan.common.json_text import parse_json
from dcgan.common.path_text import as_text

MOST_JSON = 16 * 2**20  # bytes: a plan of 150,000 trials
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_UNFINISHED = ".unfinished"  # the ending of a temporary file


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Calls `write` with a temporary file beside `path`, then renames it into place, with the user's umask.

    What a writer of this file that was killed left beside it is removed first: on a full disk that is room for this
    one. Raises DcganError (disk full, read-only, no permission) and leaves the old file as it was.
    """
    try:
        _make_folder(path.parent)
        remove_left_over(path.parent, path.name)
        with _temporary(path) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot("write", path, error) from error


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside `path`, locked for as long as its writer lives, and removed if it is still there then."""
    while True:
        file = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_UNFINISHED}").open("xb")
        with file:
            with contextlib.suppress(OSError, NoLocks):
                flock(file, wait=True)
            if is_same(Path(file.name), os.fstat(file.fileno())):  # else it was taken for a dead writer's, and removed
                try:
                    yield file
                finally:
                    Path(file.name).unlink(missing_ok=True)
                return


def remove_left_over(folder: Path, name: str = "*") -> None:
    """Removes the temporary files of killed writers of the file of that name, or of any file in the folder.

    Without locks nobody can tell who lives: all are left.
    """
    pattern = f".{name if name == '*' else glob.escape(name)}.*{_UNFINISHED}"
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError, NoLocks), regular_files.changed(path) as file:
            if flock(file, wait=False):
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Has the names in the folder survive a power cut, where its file system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_file(path: Path) -> None:
    """Has what was appended to a file survive a power cut; nothing where it is not there. Raises DcganError."""
    try:
        with regular_files.opened(path) as file:
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot("write", path, error) from error


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it, so that they survive a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def make_inner_folder(folder: Path) -> None:
    """Makes a folder inside that of a run or a study, if it is not there. Raises DcganError where it cannot be made,
    and as `check_no_link`."""
    check_no_link(folder)
    try:
        _make_folder(folder)
    except OSError as error:
        raise cannot("write", folder, error) from error


def check_no_link(folder: Path) -> None:
    """Raises DcganError where a folder inside that of a run, a study or a report is a link: whoever made the folder
    around it chose where that leads."""
    if folder.is_symlink():
        raise DcganError(
            f"cannot write into {as_text(folder)}: it is a link, and nothing is written through one: delete it, or put "
            "the folder itself in its place (runs, studies, reports and DCGAN_HOME may be links)"
        )


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
    Raises NoLocks on a file system that has none.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise NoLocks(
            f"cannot lock {as_text(Path(file.name))}: its file system has no locks ({error.strerror}): put DCGAN_HOME "
            "on another one, or mount this one with its locks"
        ) from error
    return True


@contextlib.contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Holds an exclusive lock on `path` for the block; yields False at once if it is taken and not `wait`.

    Who held it may have removed the file: a lock on what has no name any more keeps nobody away, and another is taken.
    """
    while True:
        try:
            _make_folder(path.parent)
            file = regular_files.appended(path)
        except OSError as error:
            raise cannot("lock", path, error) from error
        with file:
            mine = flock(file, wait=wait)
            if not mine or is_same(path, os.fstat(file.fileno())):
                yield mine
                return


def is_held(path: Path) -> bool | None:
    """Whether some process holds the lock on `path`, exclusively; looks without writing, also as another user.

    None where that cannot be told: there is no such file, it may not be read, or its file system has no locks.
    """
    with contextlib.suppress(OSError, NoLocks), regular_files.opened(path) as file:
        return not flock(file, wait=False, shared=True)
    return None


def is_same(path: Path, status: os.stat_result) -> bool:
    """Whether the file of that status, as `stat` gives it, is the one that has that path now."""
    try:
        return os.path.samestat(status, path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
