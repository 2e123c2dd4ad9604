"""Patience with a storage: what cannot be reached, or has no room on its disk, is asked again.

Every call that is made through here may be made twice, because an answer can be lost after the storage has
done what it was asked. Reading is harmless and so is setting an attribute. A trial entered twice is void the
second time (see `entries`). A claim whose answer was lost is refused when it is repeated: the trial then runs
under no owner, and its lease ends it. A trial ended twice is refused the second time, which says that it ended.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage

from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.messages import note

T = TypeVar("T")

PATIENCE = 600.0  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE, _STEP = 0.1, 5.0, 0.1  # seconds
_FINAL_REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EISDIR, errno.ENOTDIR}
# PostgreSQL's words for what no patience mends.
_REFUSALS = ("password authentication failed", "no password supplied", "no pg_hba.conf entry", '" does not exist')
_LIBRARIES = {"sqlalchemy", "grpc", "psycopg"}  # whose errors are the storage's; named, so that none is imported


def trouble(error: BaseException) -> str | None:
    """The reason, in one line, if an error means that the storage cannot be reached now; None for all others."""
    if isinstance(error, StorageInternalError):
        return _first_line(error.__cause__ or error)
    if isinstance(error, OSError):
        return None if error.errno in _FINAL_REFUSALS else error.strerror or str(error)
    if any(base.__module__.partition(".")[0] in _LIBRARIES for base in type(error).__mro__):
        details = getattr(error, "details", None)  # gRPC's own words
        return str(details()).partition("\n")[0] if callable(details) else _first_line(error)
    return None


def patiently(do: Callable[[], T], stop: Callable[[], bool], patience: float) -> T:
    """What `do` returns, asked again and again while it meets trouble.

    Says so once on stderr. Raises DcganError after `patience` seconds, and Interrupted when `stop` says so meanwhile.
    """
    began, pause = time.monotonic(), _FIRST_PAUSE
    told = False
    while True:
        try:
            answer = do()
        except Exception as error:
            reason = trouble(error)
            if reason is None:
                raise
            if any(sign in reason for sign in _REFUSALS):
                raise DcganError(f"the storage refuses: {reason}") from error
            if time.monotonic() - began > patience:
                raise DcganError(f"storage unreachable for {patience:.0f} seconds ({reason})") from error
            if not told and threading.current_thread() is threading.main_thread():
                note(f"storage unreachable ({reason}); trying again")
                told = True
        else:
            if told:
                note("storage reachable again")
            return answer
        _wait(pause, stop)
        pause = min(2 * pause, _LONGEST_PAUSE)


class Patient:
    """An Optuna storage that is asked through `ask`."""

    def __init__(self, storage: BaseStorage, stop: Callable[[], bool], patience: float = PATIENCE) -> None:
        self.storage = storage
        self._stop = stop
        self._patience = patience

    def ask(self, question: Callable[[BaseStorage], T]) -> T:
        """The answer to a question that may be put more than once; see `patiently`."""
        return patiently(lambda: question(self.storage), self._stop, self._patience)


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while True:
        if stop():
            raise Interrupted("stopped while the storage could not be reached")
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(_STEP, left))


def _first_line(error: BaseException) -> str:
    """What the driver said, without what SQLAlchemy puts around it."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
