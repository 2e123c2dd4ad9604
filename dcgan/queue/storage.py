"""Where a study's queue lives: a journal file beside the study, PostgreSQL, or Optuna's gRPC proxy before it."""

from __future__ import annotations

import fcntl
import os
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import optuna
from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage, GrpcStorageProxy, JournalStorage, RDBStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from optuna.study import StudyDirection

from dcgan.common.errors import DcganError, Misuse
from dcgan.queue.retry import Patient, patiently, trouble

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

JOURNAL = "optuna.journal"
VARIABLE = "DCGAN_STORAGE"  # of the environment: unlike a command line, other users do not see it

OFFERED = "postgresql://user@host/database, or grpc://host:port of a `dcgan proxy`"
_UNTESTED = {"mysql", "mariadb", "oracle", "mssql"}
_OPENING = 20.0  # seconds for which a storage that does not answer is asked when it is opened
_GRPC = re.compile(r"grpc://(?P<host>[^/:@\s]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})/?")
# A connection that the network or the server dropped without a word is found out in half a minute.
_CONNECTION = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "dcgan",
}
_CHANNEL = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


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


def open_storage(directory: Path, url: str | None, stop: Callable[[], bool] = lambda: False) -> BaseStorage:
    """The storage of a study: the journal in its folder, or that of the URL.

    Raises Misuse for a URL that is none, an engine that is not offered or a driver that is missing, DcganError for
    a storage that does not answer, and Interrupted if `stop` says so while it does not.
    """
    # Before its first use: Optuna says on stderr what the worker says in its own words.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if url is None:
        return patiently(lambda: _journal(directory), stop, _OPENING)
    open_it = _proxied(url) if url.startswith("grpc:") else _database(url)
    try:
        return patiently(open_it, stop, _OPENING)
    except ImportError as error:
        raise Misuse(f"--storage {without_password(url)}: {error}; pip install -e '.[postgres]' in the clone") from None
    except DcganError as error:
        cause = error.__cause__
        if cause is None:
            raise
        raise DcganError(f"--storage {without_password(url)}: cannot be reached ({trouble(cause)})") from None


def check_url(url: str) -> None:
    """Raises Misuse for a URL of no storage that is offered; opens nothing."""
    (_proxied if url.startswith("grpc:") else _database)(url)


def _journal(directory: Path) -> BaseStorage:
    directory.mkdir(parents=True, exist_ok=True)
    journal = directory / JOURNAL
    journal.touch()
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=JournalLock(journal)))


def _database(url: str) -> Callable[[], BaseStorage]:
    """Opens PostgreSQL. Raises Misuse for other engines."""
    address = _checked(url)

    def open_it() -> BaseStorage:
        engine: dict[str, Any] = {"pool_pre_ping": True, "connect_args": _CONNECTION}
        return get_storage(RDBStorage(address.render_as_string(hide_password=False), engine_kwargs=engine))

    return open_it


def _checked(url: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    shown = without_password(url)
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Misuse(f"--storage {shown}: not a database URL ({_first_line(error)}); expected {OFFERED}") from None
    engine = address.get_backend_name()
    if engine == "sqlite":
        raise Misuse(f"--storage {shown}: SQLite hands a trial out twice; use {OFFERED}, or leave --storage out")
    if engine in _UNTESTED:
        raise Misuse(f"--storage {shown}: nobody has tried whether {engine} hands a trial out twice; use {OFFERED}")
    if engine != "postgresql":
        hint = "; did you mean 'postgresql'?" if engine == "postgres" else ""
        raise Misuse(f"--storage {shown}: not a database URL that is offered{hint}; expected {OFFERED}")
    # SQLAlchemy's own default is a driver that is not maintained any more.
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _proxied(url: str) -> Callable[[], BaseStorage]:
    """Connects to Optuna's gRPC proxy."""
    found = _GRPC.fullmatch(url)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise Misuse(f"--storage {without_password(url)}: expected grpc://HOST:PORT")

    def open_it() -> BaseStorage:
        import grpc
        from optuna.storages._grpc.auto_generated import api_pb2_grpc
        from optuna.storages._grpc.client import GrpcClientCache

        stubs: Any = api_pb2_grpc  # made by a program, without types

        class Proxy(GrpcStorageProxy):
            """Optuna's client over a channel that notices a server that is gone."""

            def _setup(self) -> None:
                self._channel = grpc.insecure_channel(f"{self._host}:{self._port}", options=_CHANNEL)
                self._stub = stubs.StorageServiceStub(self._channel)
                self._cache = GrpcClientCache(self._stub)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            proxy = Proxy(host=found["host"], port=int(found["port"]))
        proxy.get_all_studies()  # whether it answers
        return proxy

    return open_it


def proxy(storage: BaseStorage, host: str, port: int) -> Any:
    """A started gRPC server before a storage. Raises DcganError if it cannot listen there."""
    from optuna.storages._grpc.server import make_server

    try:
        server = make_server(storage, host, port)
    except RuntimeError:
        raise DcganError(f"--port {port}: nothing can listen on {host}:{port}; choose another one") from None
    server.start()
    return server


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


def find_or_make(storage: Patient, name: str, directions: Sequence[StudyDirection]) -> int:
    """The storage's key of the Optuna study of that name, made if it is not there."""

    def ask(of: BaseStorage) -> int:
        try:
            return of.get_study_id_from_name(name)
        except KeyError:
            try:
                return of.create_new_study(directions, name)
            except DuplicatedStudyError:  # another process was first, or the answer to ours was lost
                return of.get_study_id_from_name(name)

    return storage.ask(ask)
