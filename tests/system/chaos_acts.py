"""What befalls the storage and the folders of a study in `chaos.py`, beside its workers' deaths."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from dcgan.common.files import flock
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan
from tests.postgres import Server

_OTHER_VERSION = """
import sys
import dcgan
dcgan.__version__ = "0.0.1"
from dcgan.cli import main
sys.exit(main(["worker", sys.argv[1], "--threads", "1"]))
"""


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """A database that does not answer."""
    server.freeze(True)
    try:
        yield
    finally:
        server.freeze(False)


@contextlib.contextmanager
def journal_locked(plan: Plan) -> Iterator[None]:
    """As a file server that does not answer: whoever wants to write waits."""
    with (plan.directory / "optuna.journal.lock").open("ab") as handle:
        flock(handle, wait=True)
        yield


def refuse_another_version(plan: Plan, environment: dict[str, str]) -> None:
    """A worker of other code joins, and is sent away."""
    words = [sys.executable, "-c", _OTHER_VERSION, plan.study]
    joined = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert joined.returncode == 2, joined.stderr
    assert "and this is 0.0.1: use the same version on every machine" in joined.stderr


def delete_a_run(plan: Plan, chance: random.Random) -> None:
    """Somebody tidies up: the folder of a run that is over is gone."""
    over = [trial for trial in plan.trials if (record := outcome_of(trial)) is not None and record.is_over]
    if over:
        shutil.rmtree(chance.choice(over).directory.path)


def damage_the_journal(journal: Path, chance: random.Random) -> None:
    """A sector of the disk goes bad: a line in the midst of the journal cannot be read."""
    lines = journal.read_bytes().splitlines(keepends=True)
    number = chance.randrange(len(lines) // 4, len(lines) // 2)
    lines[number] = b"\x00" * (len(lines[number]) - 1) + b"\n"
    journal.write_bytes(b"".join(lines))


class Backup:
    """A database as it is now, to which it is set back once that is `age` seconds old; `meanwhile` is called then."""

    def __init__(self, server: Server, url: str, age: float, meanwhile: Callable[[], object]) -> None:
        self._server = server
        self._database, self._role = url.rpartition("/")[2], url.partition("//")[2].partition("@")[0]
        self._meanwhile = meanwhile
        server.back_up(self._database)
        self._old = time.monotonic() + age

    def set_back(self) -> None:
        """What was done since then is in the run directories alone."""
        while time.monotonic() < self._old:
            self._meanwhile()
            time.sleep(0.05)
        self._server.set_back(self._database, self._role)
