"""Secrets are planted wherever they can be given, everything that starts processes and writes files is run, and then
they are looked for: in all that was written and said, in the database, and in the command lines of all processes.

What a process's environment holds its own user may read, and the superuser: that is where they are meant to be.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from dcgan.cli import main
from tests.postgres import Server
from tests.tiny import CURVED

pytestmark = pytest.mark.slow

ROLES = ("by_url", "by_file", "by_pgpass")  # each with a password of its own, and given in a way of its own
PROXY = "http://me:{proxy}@127.0.0.1:9"
_QUICK = ("--no-report", "--workers", "1")
_SECONDS = 0.05  # between looks at the command lines


@dataclass
class World:
    """What was planted, where it was run, and what was seen."""

    root: Path
    ray: Path
    port: int
    words: dict[str, str]
    environment: dict[str, str]
    planted: set[Path] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)
    commands: set[bytes] = field(default_factory=set)  # the command lines of all processes
    holders: set[str] = field(default_factory=set)  # the secrets that some process had in its environment

    def url(self, role: str, password: str = "") -> str:
        """A role's database."""
        return f"postgresql://{role}{password and ':' + password}@127.0.0.1:{self.port}/{role}"

    def plant(self, file: str, text: str) -> None:
        """A file that a user wrote, which only they may read."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        self.planted.add(path)

    def run(self, name: str, *words: str, **environment: str) -> None:
        """A command, to its end."""
        command = [sys.executable, "-m", "dcgan", *words]
        env = {**self.environment, **environment}
        done = subprocess.run(command, env=env, cwd=self.root, capture_output=True, text=True, timeout=600, check=False)
        self.said[name] = done.stdout + done.stderr
        assert done.returncode == 0, f"{name}: {self.said[name]}"

    def leaks(self, content: bytes) -> list[str]:
        """Which secrets that holds."""
        return [name for name, word in self.words.items() if word.encode() in content]


def _demand_passwords(server: Server, words: dict[str, str]) -> None:
    """Makes roles that are let in by their passwords alone, each with a database of its name."""
    import psycopg

    with psycopg.connect(server.url(), autocommit=True) as database:
        for role in ROLES:
            database.execute(f"create role {role} login password '{words[role]}'")
            database.execute(f"create database {role} owner {role}")
        [found] = database.execute("show hba_file").fetchall()
        rules = Path(found[0])
        asked = "".join(f"host all {role} 127.0.0.1/32 scram-sha-256\n" for role in ROLES)
        rules.write_text(asked + rules.read_text())
        database.execute("select pg_reload_conf()")


@contextlib.contextmanager
def _watched(world: World) -> Iterator[None]:
    """Looks at the command lines and environments of all processes during the block."""
    over = threading.Event()

    def watch() -> None:
        known: set[str] = set()
        while not over.wait(_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    world.commands.add((process / "cmdline").read_bytes())
                    if process.name not in {*known, str(os.getpid())}:
                        known.add(process.name)
                        world.holders |= set(world.leaks((process / "environ").read_bytes()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Iterator[World]:
    """Everything is run once: a training, and a study by each launcher, each with another way to give a password."""
    root = tmp_path_factory.mktemp("secrets")
    ray = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # short: the names of its sockets are limited
    words = {name: f"planted{secrets.token_hex(8)}" for name in (*ROLES, "PGPASSWORD", "proxy", "netrc")}
    words["key"] = secrets.token_hex(20)  # as W&B's are
    places = {"HOME": "person", "TMPDIR": "tmp", "DCGAN_HOME": "home", "XDG_CACHE_HOME": "cache"}
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    environment = {
        **kept,
        **{name: str(root / folder) for name, folder in places.items()},
        "RAY_TMPDIR": str(ray),
        "RAY_worker_niceness": "0",  # on a busy machine its workers would wait for all others
        "WANDB_MODE": "offline",
        "WANDB_API_KEY": words["key"],
        "HTTPS_PROXY": PROXY.format(**words),
    }
    for folder in places.values():
        (root / folder).mkdir()
    world = World(root, ray, postgres.port, words, environment)
    _demand_passwords(postgres, words)
    by_url, by_file = (world.url(role, words[role]) for role in ("by_url", "by_file"))
    world.plant("storage.url", by_file)
    world.plant("person/.pgpass", f"127.0.0.1:*:by_pgpass:by_pgpass:{words['by_pgpass']}\n")
    world.plant("person/.netrc", f"machine api.example.org login user password {words['netrc']}\n")
    (root / "tiny.yaml").write_text(yaml.safe_dump(CURVED))
    for study, seeds in {"local": [0, 1], "ray": [2], "slurm": [3]}.items():
        sweep = f"experiment: tiny.yaml\nstart: bare\nfactors: [batch_norm]\nseeds: {seeds}\n"
        (root / f"{study}.yaml").write_text(sweep)
    with _watched(world):
        world.run("train", "train", "tiny.yaml", DCGAN_STORAGE=by_url)
        world.run("local", "sweep", "local.yaml", "--workers", "2", "--storage", "@storage.url")
        if importlib.util.find_spec("ray"):
            tasks = (*_QUICK, "--launcher", "ray")
            world.run("ray", "sweep", "ray.yaml", *tasks, "--storage", "@storage.url")
        if importlib.util.find_spec("submitit"):
            jobs = (*_QUICK, "--launcher", "slurm", "--option", "cluster=local")
            world.run("slurm", "sweep", "slurm.yaml", *jobs, "--storage", world.url("by_pgpass"))
        world.run("doctor", "doctor", "--json", DCGAN_STORAGE=by_url, PGPASSWORD=words["PGPASSWORD"])
    yield world
    shutil.rmtree(ray, ignore_errors=True)


def test_nothing_that_is_written_holds_a_secret(world: World) -> None:
    files = [path for folder in (world.root, world.ray) for path in folder.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"run.json", "plan.json", "index.html", "storage.url"} <= names
    assert any(name.endswith(".wandb") for name in names) and any(name == "1.log" for name in names)
    if "ray" in world.said:
        assert any(name.startswith("raylet") for name in names)
    if "slurm" in world.said:
        assert any(name.endswith("_submitted.pkl") for name in names)
    assert {path for path in files if world.leaks(path.read_bytes())} == world.planted, "only what was planted"
    assert "optuna.journal" not in names, "each worker found the database"


def test_nothing_that_is_said_holds_a_secret(world: World) -> None:
    assert {name: world.leaks(said.encode()) for name, said in world.said.items() if world.leaks(said.encode())} == {}


def test_no_command_line_shows_a_secret_and_the_environment_does(world: World) -> None:
    started = b"\n".join(world.commands)
    assert b"worker\x00local" in started and b"wandb-core" in started
    assert b"raylet" in started or "ray" not in world.said
    assert b"submitit" in started or "slurm" not in world.said
    assert [command for command in world.commands if world.leaks(command)] == []
    assert {"by_url", "by_file", "PGPASSWORD", "proxy", "key"} <= world.holders, "the watcher sees what there is"


def test_no_database_holds_a_secret(world: World) -> None:
    """But for the passwords that the server itself was given, which it keeps as hashes."""
    import psycopg
    from psycopg import sql

    for role in ROLES:
        with psycopg.connect(world.url(role, world.words[role])) as database:
            query = "select table_name from information_schema.tables where table_schema = 'public'"
            tables = [name for (name,) in database.execute(query).fetchall()]
            assert tables or role == "by_url"
            for table in tables:
                content = str(database.execute(sql.SQL("select * from {}").format(sql.Identifier(table))).fetchall())
                assert world.leaks(content.encode()) == [], table


def test_no_refusal_holds_a_secret(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A wrong password, a database that is not there, a server that is not there, and a password where it may not be."""
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    monkeypatch.setattr("dcgan.queue.storage._OPENING_TIMEOUT", 0.1)
    word = world.words["PGPASSWORD"]
    wrong = world.url("by_url", word)
    for url in (wrong, world.url("by_file", world.words["by_file"]) + "_not", wrong.replace(str(world.port), "9"),
                f"postgresql://by_url:{word}@127.0.0.1:x{word}/by_url", wrong + f"?nonsense={word}"):  # fmt: skip
        monkeypatch.setenv("DCGAN_STORAGE", url)
        for words in (["worker", "local"], ["status", "local"], ["sweep", "local.yaml"], ["proxy"]):
            assert main(words) != 0
            said = "".join(capfd.readouterr())
            assert said and world.leaks(said.encode()) == [], said
    monkeypatch.delenv("DCGAN_STORAGE")
    (tmp_path / "doctor.url").write_text(wrong)
    assert main(["doctor", "--json", "--storage", f"@{tmp_path}/doctor.url"]) == 1
    (tmp_path / "doctor.url").unlink()
    assert world.leaks("".join(capfd.readouterr()).encode()) == []
    for words in (["sweep", "local.yaml", "--storage", wrong], ["worker", "local", f"--storage={wrong}"],
                  ["train", "tiny.yaml", f"storage={wrong}"], ["status", "local", "--storag", wrong]):  # fmt: skip
        assert main(words) == 2
        assert world.leaks("".join(capfd.readouterr()).encode()) == []
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if world.leaks(path.read_bytes())] == []
