"""Retries: an operation on a storage that cannot be reached, or has no room on its disk, is tried again.

Every operation that is made through here may be made twice, because its answer can be lost after the storage has done
it. That is safe: reading and setting an attribute change nothing the second time. A trial that is entered twice is
superseded the second time (see `plan_entries`). A claim whose answer was lost is refused when it is repeated: the
trial then runs without an owner, and is stale after a lease. Ending a trial a second time is refused, which says that
it has ended.
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
from dcgan.queue.checked_reads import CheckedReads

T = TypeVar("T")

TIMEOUT = 600.0  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE, _STEP = 0.1, 5.0, 0.1  # seconds
_FINAL_REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.EISDIR, errno.ENOTDIR}
# PostgreSQL's words for errors that a retry does not fix.
_REFUSALS = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    '" does not exist',
    "permission denied for",
)
# Its words where all connections that it, or the role, may have are taken: others will give theirs back.
_FULL = ("too many connections", "too many clients", "remaining connection slots")
_LIBRARIES = {"sqlalchemy", "grpc", "psycopg"}  # whose errors are the storage's; named, so that none is imported


def unreachable_reason(error: BaseException) -> str | None:
    """The reason, in one line, if an error means that the storage cannot be reached now; None for all others."""
    if isinstance(error, StorageInternalError):
        return _first_line(error.__cause__ or error)
    if isinstance(error, OSError):
        return None if error.errno in _FINAL_REFUSALS else error.strerror or str(error)
    if any(base.__module__.partition(".")[0] in _LIBRARIES for base in type(error).__mro__):
        details = getattr(error, "details", None)  # gRPC's own words
        return str(details()).partition("\n")[0] if callable(details) else _first_line(error)
    return None


def with_retries(operation: Callable[[], T], stop: Callable[[], bool], timeout: float) -> T:
    """What `operation` returns, tried again while the storage cannot be reached.

    Says so once on stderr. Raises DcganError after `timeout` seconds, after ten minutes where a database has no
    connection free, and Interrupted when `stop` says so meanwhile.
    """
    began, pause = time.monotonic(), _FIRST_PAUSE
    noted = False
    while True:
        try:
            result = operation()
        except Exception as error:
            reason = unreachable_reason(error)
            if reason is None:
                raise
            if any(sign in reason for sign in _REFUSALS):
                raise DcganError(f"the storage refuses: {reason}") from error
            full = any(sign in reason for sign in _FULL)
            patience = max(timeout, TIMEOUT) if full else timeout
            if time.monotonic() - began > patience:
                mend = "; allow its role more of them, or put a `dcgan proxy` before it" if full else ""
                raise DcganError(f"storage unreachable for {patience:.0f} seconds ({reason}){mend}") from error
            if not noted and threading.current_thread() is threading.main_thread():
                what = "the database has no connection free" if full else "storage unreachable"
                note(f"{what} ({reason}); {'waiting for one' if full else 'trying again'}")
                noted = True
        else:
            if noted:
                note("storage reachable again")
            return result
        _wait(pause, stop)
        pause = min(2 * pause, _LONGEST_PAUSE)


class RetryingStorage:
    """An Optuna storage whose operations are retried when they are made through `call`."""

    def __init__(self, storage: CheckedReads, stop: Callable[[], bool], timeout: float = TIMEOUT) -> None:
        self.storage = storage
        self._stop = stop
        self._timeout = timeout

    def call(self, operation: Callable[[BaseStorage], T]) -> T:
        """The result of an operation that may be made more than once; see `with_retries`."""
        return with_retries(lambda: operation(self.storage), self._stop, self._timeout)


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
