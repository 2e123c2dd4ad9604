"""A PostgreSQL server of the tests' own, on loopback."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = "nobody_of_dcgan"  # as root: a server refuses to run as root


def programs() -> Path | None:
    """Where initdb and pg_ctl are, the newest version's."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found and (initdb := shutil.which("initdb")):
        found = [Path(initdb).resolve().parent]
    return max(found, key=lambda path: path.parent.name.zfill(4)) if found else None


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """A server that can be stopped, started again, frozen and thawed."""

    def __init__(self, folder: Path) -> None:
        self._programs = programs()
        self._data = folder / "data"
        self.port = free_port()
        self._as: list[str] = []
        if os.getuid() == 0:
            self._as = ["runuser", "-u", _somebody(), "--"]
            shutil.chown(folder, _somebody())
        self._run("initdb", "-D", str(self._data), "-U", "dcgan", "-A", "trust", "-N", "--locale=C", "-E", "UTF8")

    def url(self, database: str = "postgres") -> str:
        """What `--storage` takes."""
        return f"postgresql://dcgan@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        """Its URL."""
        self._tell(f"create database {name}")
        return self.url(name)

    def limited(self, url: str, role: str, connections: int) -> str:
        """The URL of that database for a new role, which owns it and may have so many connections."""
        self._tell(f"create role {role} login connection limit {connections}")
        self._tell(f"alter database {url.rpartition('/')[2]} owner to {role}")
        return url.replace("//dcgan@", f"//{role}@")

    def tell(self, database: str, statement: str) -> None:
        """Has a database do that."""
        self._run("psql", *self._address(), "-d", database, "-v", "ON_ERROR_STOP=1", "-qc", statement)

    def connections(self, url: str) -> int:
        """How many connections to that URL's database there are."""
        database = url.rpartition("/")[2]
        asked = f"select count(*) from pg_stat_activity where datname = '{database}'"  # noqa: S608 - a test's own name
        return int(self._run("psql", *self._address(), "-d", "postgres", "-Atqc", asked))

    def back_up(self, database: str) -> None:
        """Keeps what is in a database now."""
        self._run("pg_dump", *self._address(), "-Fc", "-f", str(self._backup(database)), database)

    def set_back(self, database: str, role: str = "dcgan") -> None:
        """Puts what was kept, of that role, in the place of the database; its connections are cut."""
        self._tell(f"create database restored owner {role}")
        self._run("pg_restore", *self._address(), "-d", "restored", str(self._backup(database)))
        self._tell(f"drop database {database} with (force)")
        self._tell(f"alter database restored rename to {database}")

    def _backup(self, database: str) -> Path:
        return self._data.parent / f"{database}.dump"

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "dcgan"]

    def _tell(self, statement: str) -> None:
        """Has the server do that."""
        self.tell("postgres", statement)

    def start(self) -> None:
        """Returns when it answers."""
        # fsync as it is by default: the time that it takes is part of what is measured.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", str(self._data / "log"), "start")

    def stop(self) -> None:
        """At once: connections are cut."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        """As after a crash."""
        self.stop()
        self.start()

    def freeze(self, frozen: bool) -> None:
        """Stops the server and its children where they are, or lets them go on."""
        main = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in [main, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def _run(self, program: str, *words: str) -> str:
        assert self._programs is not None
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE  # a server keeps its pipes open
        done = subprocess.run([*self._as, str(self._programs / program), *words], check=True, cwd="/",
                              stdout=output, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        return done.stdout or ""


def _somebody() -> str:
    """A user who is not root: the package's own, else one made for this."""
    for name in ("postgres", USER):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    subprocess.run(["useradd", "--system", "--no-create-home", USER], check=True)
    return USER


@contextlib.contextmanager
def served() -> Iterator[Server]:
    """A running server for the block."""
    with tempfile.TemporaryDirectory(prefix="dcgan-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.freeze(False)
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a process; skipped only where none is installed."""
    if programs() is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="pip install -e '.[postgres]'")
    with served() as server:
        yield server
