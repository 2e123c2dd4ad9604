"""Where a study's queue lives: a journal file beside the study, PostgreSQL, or Optuna's gRPC proxy before it."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage, GrpcStorageProxy
from optuna.study import StudyDirection

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.url_text import ENCODED, has_reserved, is_ambiguous, without_password
from dcgan.queue.checked_reads import CheckedReads
from dcgan.queue.journal import JOURNAL, Journal
from dcgan.queue.retry import RetryingStorage, unreachable_reason, with_retries

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

VARIABLE = "DCGAN_STORAGE"  # of the environment: unlike a command line, other users do not see it

OFFERED = "postgresql://user@host/database, or grpc://host:port of a `dcgan proxy`"
_UNTESTED = {"mysql", "mariadb", "oracle", "mssql"}
_OPENING_TIMEOUT = 20.0  # seconds
_GRPC = re.compile(r"grpc://(?P<host>[^/:@\s]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})/?")
_CHANNEL = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


def storage_url(option: str | None) -> str | None:
    """The URL of the database that the user named, by `--storage` or else by DCGAN_STORAGE; None for the journal.

    `--storage @FILE` reads it from a file. Raises Misuse for a file without one, and for a URL with a password: a
    command line is seen by every user of the machine, and W&B and others that watch a process record it.
    """
    if option is None or not option:
        return os.environ.get(VARIABLE) or None
    if option.startswith("@"):
        return _url_in(paths.expanded(option[1:], "--storage @FILE"))
    if has_password(option):
        raise Misuse(
            f"--storage {without_password(option)}: a password on the command line is seen and recorded by others: put "
            f"the URL into {VARIABLE} or into a file (--storage @FILE), or the password alone into ~/.pgpass"
        )
    return option


def _url_in(file: Path) -> str:
    try:
        url = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Misuse(f"--storage @{file}: cannot be read ({reason}); expected a file that holds {OFFERED}") from None
    if len(url.split()) != 1:
        raise Misuse(f"--storage @{file}: expected one line, {OFFERED}")
    return url


def open_storage(directory: Path, url: str | None, stop: Callable[[], bool] = lambda: False) -> CheckedReads:
    """The storage of a study: the journal in its folder, or that of the URL.

    Raises Misuse for a text that is no URL, an engine that is not offered or a driver that is missing, DcganError for a
    storage that does not answer, and Interrupted if `stop` says so while it does not.
    """
    # Before Optuna is first used: the worker itself says on stderr what Optuna would log.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if url is None:
        return with_retries(lambda: Journal(directory / JOURNAL), stop, _OPENING_TIMEOUT)
    open_it = _proxied(url) if url.startswith("grpc:") else _database(url)
    try:
        return with_retries(open_it, stop, _OPENING_TIMEOUT)
    except ImportError as error:
        raise Misuse(f"--storage {without_password(url)}: {error}; pip install -e '.[postgres]' in the clone") from None
    except DcganError as error:
        cause = error.__cause__
        if cause is None:
            raise
        hint = f"; {ENCODED}" if has_reserved(url) else ""
        raise DcganError(
            f"--storage {without_password(url)}: cannot be reached ({unreachable_reason(cause)}){hint}"
        ) from None


def check_url(url: str) -> None:
    """Raises Misuse for a URL of no storage that is offered; opens nothing."""
    (_proxied if url.startswith("grpc:") else _database)(url)


def _database(url: str) -> Callable[[], CheckedReads]:
    """Opens PostgreSQL. Raises Misuse for other engines."""
    address = _checked(url)

    def open_it() -> CheckedReads:
        from dcgan.queue.database import open_database  # late: SQLAlchemy takes a while to import

        return open_database(address.render_as_string(hide_password=False))

    return open_it


def _checked(url: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    printable = without_password(url)
    if is_ambiguous(url):
        raise Misuse(f"--storage {printable}: an @ too many: {ENCODED}")
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        # What is no number may be a password, as in postgresql://me:secret without a host.
        what = _first_line(error) if isinstance(error, ArgumentError) else "its port is no number"
        raise Misuse(f"--storage {printable}: not a database URL ({what}); expected {OFFERED}") from None
    engine = address.get_backend_name()
    if engine == "sqlite":
        raise Misuse(f"--storage {printable}: SQLite hands a trial out twice; use {OFFERED}, or leave --storage out")
    if engine in _UNTESTED:
        raise Misuse(f"--storage {printable}: nobody has tried whether {engine} hands a trial out twice; use {OFFERED}")
    if engine != "postgresql":
        hint = "; did you mean 'postgresql'?" if engine == "postgres" else ""
        raise Misuse(f"--storage {printable}: not a database URL that is offered{hint}; expected {OFFERED}")
    # SQLAlchemy's own default is a driver that is not maintained any more.
    return address.set(drivername="postgresql+psycopg") if address.drivername == "postgresql" else address


def _proxied(url: str) -> Callable[[], CheckedReads]:
    """Connects to Optuna's gRPC proxy."""
    address = _GRPC.fullmatch(url)
    if address is None or not 0 < int(address["port"]) < 65536:
        raise Misuse(f"--storage {without_password(url)}: expected grpc://HOST:PORT")

    def open_it() -> CheckedReads:
        import grpc
        from optuna.storages._grpc.auto_generated import api_pb2_grpc
        from optuna.storages._grpc.client import GrpcClientCache

        stubs: Any = api_pb2_grpc  # generated code without types

        class Proxy(CheckedReads, GrpcStorageProxy):
            """Optuna's client over a channel that notices a server that is gone."""

            def _setup(self) -> None:
                self._channel = grpc.insecure_channel(f"{self._host}:{self._port}", options=_CHANNEL)
                self._stub = stubs.StorageServiceStub(self._channel)
                self._cache = GrpcClientCache(self._stub)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            proxy = Proxy(host=address["host"], port=int(address["port"]))
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


def has_password(url: str) -> bool:
    """Whether a storage's URL holds a password, or may."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    if is_ambiguous(url):
        return True
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # no URL: refused later, without being shown if it may hold one
        return re.search(r":[^/@]*@|password", url, re.IGNORECASE) is not None
    return bool(address.password) or any("password" in key.lower() for key in address.query)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def find_or_create(storage: RetryingStorage, name: str, directions: Sequence[StudyDirection]) -> int:
    """The storage's key of the Optuna study of that name, created if it is not there."""

    def operation(of: BaseStorage) -> int:
        try:
            return of.get_study_id_from_name(name)
        except KeyError:
            try:
                return of.create_new_study(directions, name)
            except DuplicatedStudyError:  # another process was first, or the answer to ours was lost
                return of.get_study_id_from_name(name)

    return storage.call(operation)
