"""Where a study's queue lives: a journal file beside the study, or a database named by its URL."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import BinaryIO

import optuna
from optuna.storages import BaseStorage, JournalStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock

from dcgan.errors import DcganError, Misuse

JOURNAL = "optuna.journal"
VARIABLE = "DCGAN_STORAGE"  # of the environment: unlike a command line, other users do not see it


class JournalLock(BaseJournalFileLock):
    """A lock that the operating system lets go when its holder dies, however it dies.

    Optuna's own locks are files that a killed process leaves behind, for others to wait on. Before the holder
    appends, a last line that a killed or refused (disk full) writer left unfinished is cut off: appended to,
    it would make the journal unreadable.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = journal.with_name(journal.name + ".lock")
        self._handle: BinaryIO | None = None

    def acquire(self) -> bool:
        """Waits for the lock, then mends the journal's end."""
        handle = self._path.open("ab")
        fcntl.flock(handle, fcntl.LOCK_EX)
        self._handle = handle
        self._mend()
        return True

    def release(self) -> None:
        """Lets the lock go."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _mend(self) -> None:
        with self._journal.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            if end == 0:
                return
            file.seek(end - 1)
            if file.read(1) == b"\n":
                return
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def storage_url(option: str | None) -> str | None:
    """The database that the user named, by `--storage` or else by DCGAN_STORAGE; None for the study's journal."""
    return option or os.environ.get(VARIABLE) or None


def open_storage(directory: Path, url: str | None) -> BaseStorage:
    """The storage of a study: the journal in its folder, or the database of that URL.

    Raises Misuse for a URL that is none or whose driver is missing, and DcganError for a database that does
    not answer.
    """
    # Before its first use: Optuna says on stderr what the worker says in its own words.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if url is None:
        directory.mkdir(parents=True, exist_ok=True)
        journal = directory / JOURNAL
        journal.touch()
        return JournalStorage(JournalFileBackend(str(journal), lock_obj=JournalLock(journal)))
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    shown = without_password(url)
    try:
        return get_storage(url)
    except ImportError as error:
        raise Misuse(f"--storage {shown}: {error}; pip install -e '.[postgres]' in the clone") from None
    except (ArgumentError, ValueError) as error:
        raise Misuse(
            f"--storage {shown}: not a database URL ({_first_line(error)}); for example postgresql://user@host/dcgan"
        ) from None
    except SQLAlchemyError as error:
        raise DcganError(f"--storage {shown}: cannot be reached ({_first_line(error)})") from None


def without_password(url: str) -> str:
    """The URL as it may be printed."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url.rpartition("@")[2]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
