"""The journal: a study's queue as a file in its folder, for workers that share the folder."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from io import BufferedWriter
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from optuna.exceptions import OptunaError
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from optuna.storages.journal._storage import NOT_FOUND_MSG

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import cannot, flock, locked
from dcgan.common.messages import note
from dcgan.queue.checked_reads import CheckedReads
from dcgan.queue.heartbeat import living

JOURNAL = "optuna.journal"
_FINAL = (*regular_files.REFUSED, errno.EROFS, errno.EACCES, errno.EPERM)
_MENDING = ".mending.lock"  # apart from the journal's own, which whoever opens it takes
_NO_END = ("Invalid log format.",)  # what Optuna says of a line in the midst that has no end

T = TypeVar("T")


class DamagedJournal(DcganError):
    """A line of the journal cannot be read, or says what cannot be; all lines after it count on it.

    `identity`: which file that was; its name may be another one's by now.
    """

    def __init__(self, words: str, identity: tuple[int, int] | None = None) -> None:
        super().__init__(words)
        self.identity = identity


class JournalLock(BaseJournalFileLock):
    """A lock on the journal that the operating system releases when its holder dies, however it dies.

    Optuna's own locks are files that a killed process leaves behind, so that others wait for it. Taking this lock also
    cuts off a last line that a writer left unfinished because it was killed or the disk was full: appended to, that
    line would make the journal unreadable.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_name(journal.name + ".lock")
        self._file: BinaryIO | None = None

    def acquire(self) -> bool:
        """Waits for the lock, then cuts off an unfinished last line."""
        file = _appended(self._path)
        flock(file, wait=True)
        self._file = file
        self._cut_unfinished_line()
        return True

    def release(self) -> None:
        """Releases the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _cut_unfinished_line(self) -> None:
        with regular_files.changed(self._journal) as file:
            end = file.seek(0, os.SEEK_END)
            if end == 0:
                return
            file.seek(end - 1)
            if file.read(1) == b"\n":
                return
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


class Journal(CheckedReads, JournalStorage):
    """Optuna's journal, which says which line is damaged, and notices that its file is another one now."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _appended(path).close()  # Optuna opens it itself, whatever it is
        self._path = path
        self._file = _identity(path)
        super().__init__(JournalFileBackend(str(path), lock_obj=JournalLock(path)))

    def _write_log(self, op_code: int, extra_fields: dict[str, Any]) -> None:
        self._check_file()  # numbers of trials in this one are other ones in another
        super()._write_log(op_code, extra_fields)

    def _sync_with_backend(self) -> None:
        self._check_file()
        try:
            super()._sync_with_backend()
        except (OptunaError, OSError, DcganError):
            raise
        except KeyError as error:
            if error.args == (NOT_FOUND_MSG,):  # what Optuna says of a trial that is not there
                raise
            raise self._damage(error) from error
        except Exception as error:  # whatever a line that was not written by Optuna comes to
            raise self._damage(error) from error

    def _check_file(self) -> None:
        if _identity(self._path) != self._file:
            words = f"{self._path} was replaced by another one: start the workers of this study again"
            raise DamagedJournal(words, self._file)

    def _damage(self, error: Exception) -> DamagedJournal:
        read = self._replay_result.log_number_read
        unread = isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError) or error.args == _NO_END
        line = read + 1 if unread else read
        return DamagedJournal(
            f"{self._path} is damaged in line {line} ({type(error).__name__}): end the study's workers, "
            "then type its `dcgan sweep` command again, which makes the journal anew of the runs; none is lost",
            self._file,
        )


def mended(directory: Path, open_queue: Callable[[], T]) -> T:
    """What `open_queue` returns. Where the journal in a study's folder is damaged, it is set aside first.

    The run directories are the truth: the queue is made again from them. Raises DamagedJournal while workers live: they
    have read what is damaged before it was, and go on by it. Several processes may do this at once: one mends.
    """
    try:
        return open_queue()
    except DamagedJournal as damage:
        with locked(directory / _MENDING, wait=True):
            # Who had the lock before may have mended it, and its worker may be at the new one.
            if _identity(directory / JOURNAL) == damage.identity:
                _set_aside(directory, damage)
            return open_queue()


def _set_aside(directory: Path, damage: DamagedJournal) -> None:
    path = directory / JOURNAL
    if workers := living(directory):
        raise DamagedJournal(f"{damage} (still at work: {', '.join(workers)})", damage.identity) from None
    aside = next(name for number in range(1, 10**6) if not (name := _aside(path, number)).exists())
    path.replace(aside)
    note(f"{damage}: it is {aside.name} now, and a new one is made of the runs")


def _appended(path: Path) -> BufferedWriter:
    """The file, open for writing at its end. Raises DcganError for what no second try changes: a link, what is no file,
    and what may not be written; and else OSError."""
    try:
        return regular_files.appended(path)
    except OSError as error:
        if error.errno in _FINAL:
            raise cannot("write", path, error) from error
        raise


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()  # a link in its place is another file, too
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
