"""The queue on every storage that is offered, and while a storage is unreachable or its answers are lost."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from dcgan.common.errors import DcganError, Misuse
from dcgan.queue import Queue, heartbeat
from dcgan.queue import storage as storages
from dcgan.queue.storage import open_storage
from tests.postgres import Server, free_port
from tests.proxy import proxied
from tests.queue.filled import FINISHED, drained, filled, plan_of
from tests.tiny import drain

_NUMBERS = itertools.count()


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A new storage of each kind: the journal (None), PostgreSQL, gRPC before PostgreSQL."""
    if request.param == "journal":
        yield None
        return
    postgres: Server = request.getfixturevalue("postgres")
    database = postgres.new_database(f"storages_{os.getpid()}_{next(_NUMBERS)}")
    if request.param == "postgresql":
        yield database
        return
    with proxied(database) as address:
        yield address


every_storage = pytest.mark.parametrize("url", ["journal", "postgresql", "grpc"], indirect=True)


def _states(queue: Queue) -> Counter[str]:
    return Counter(trial.state.name for trial in queue._storage.storage.get_all_trials(queue._key))


_CLAIM_ALL = """
import json, os, sys
from dcgan.queue import Queue
from dcgan.records.run_record import RunRecord
from dcgan.study import stored_plans
queue = Queue(stored_plans.load(sys.argv[1]), os.environ.get("DCGAN_STORAGE"))
finished, cells = RunRecord.from_json(json.loads(sys.argv[2]), "here"), []
while True:
    with queue.claim() as claim:
        if claim is None:
            break
        cells.append((claim.trial.arm, claim.trial.seed))
        queue.settle(claim, finished)
print(json.dumps(cells))
"""


@pytest.mark.slow
@every_storage
def test_four_processes_claim_none_twice_and_lose_none(write_sweep: Any, url: str | None) -> None:
    plan = plan_of(write_sweep, seeds=20)
    words = [sys.executable, "-c", _CLAIM_ALL, plan.study, json.dumps(FINISHED.to_json())]
    environment = {**os.environ, **({"DCGAN_STORAGE": url} if url else {})}
    processes = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    claimed = [tuple(cell) for process in processes for cell in json.loads(process.communicate()[0])]
    assert len(claimed) == len(set(claimed)) == 60
    assert _states(Queue(plan, url))["COMPLETE"] == 60


@pytest.mark.slow
@every_storage
def test_what_is_entered_twice_is_superseded_the_second_time(write_sweep: Any, url: str | None) -> None:
    plan = plan_of(write_sweep)
    first, second = Queue(plan, url), Queue(plan, url)
    read = first._read_entries
    first._read_entries = lambda: (read(), second.fill())[0]  # type: ignore[method-assign, func-returns-value]
    first._enter_window(lambda _trial: None)  # has read the entries before the other one entered all, and enters all
    first._read_entries = read  # type: ignore[method-assign]
    assert _states(first) == {"WAITING": 2 * len(plan.trials)}
    assert drain(second, FINISHED) == [(trial.arm, trial.seed) for trial in plan.trials]
    assert _states(first) == {"COMPLETE": len(plan.trials), "FAIL": len(plan.trials)}


class Forgetful:
    """A storage that does as it is asked, and whose answers are lost on the way, once for each kind of call."""

    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self.lost: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._storage, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            answer = method(*arguments, **keywords)
            kind = f"{name} {arguments[1]}" if name == "set_trial_state_values" else name
            if kind not in self.lost:
                self.lost.append(kind)
                raise ConnectionError("the answer was lost")
            return answer

        return call


@pytest.mark.slow
@every_storage
def test_answers_that_are_lost_lose_no_trial_and_claim_none_twice(
    write_sweep: Any, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(heartbeat.VARIABLE, "0.5")
    plan = plan_of(write_sweep, retries=0)
    queue = Queue(plan, url)
    queue._storage.storage = forgetful = Forgetful(queue._storage.storage)  # type: ignore[assignment]
    queue.fill()
    drained = drain(queue, FINISHED)
    deadline = time.monotonic() + 30
    while len(drained) < len(plan.trials):  # the claim whose answer was lost, after its lease
        assert time.monotonic() < deadline
        queue.others_busy()
        drained += drain(queue, FINISHED)
    assert Counter(drained) == Counter((trial.arm, trial.seed) for trial in plan.trials)
    assert _states(queue)["COMPLETE"] == len(plan.trials)
    assert {"create_new_trial", "set_trial_user_attr", f"set_trial_state_values {TrialState.RUNNING}"} <= {
        *forgetful.lost
    }


@pytest.mark.slow
def test_a_database_that_is_restarted_is_waited_for(
    write_sweep: Any, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(write_sweep)
    queue = Queue(plan, postgres.new_database(f"restarted_{os.getpid()}"))
    queue.fill()
    with queue.claim() as claim:
        assert claim is not None
        postgres.stop()
        threading.Timer(1.5, postgres.start).start()
        queue.settle(claim, FINISHED)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("note: storage unreachable (")
    assert said[1:] == ["note: storage reachable again"]
    assert len(drain(queue, FINISHED)) == len(plan.trials) - 1


def test_a_refusal_of_the_database_is_raised_at_once(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.queue.retry._wait", lambda *_: pytest.fail("it waited"))
    with pytest.raises(DcganError, match=r'/nowhere: cannot be reached .* database "nowhere" does not exist'):
        open_storage(tmp_path, postgres.url("nowhere"))


def test_a_storage_that_does_not_answer_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setattr(storages, "_OPENING_TIMEOUT", 0.3)
    port = free_port()
    for address, hint in (
        (f"postgresql://me:secret@127.0.0.1:{port}/x", False),
        (f"postgresql://me:%secret@127.0.0.1:{port}/x", True),
        (f"grpc://127.0.0.1:{port}", False),
    ):
        with pytest.raises(DcganError) as refusal:
            open_storage(tmp_path, address)
        assert "cannot be reached" in str(refusal.value)
        assert ("@ is written %40" in str(refusal.value)) == hint
        assert "secret" not in str(refusal.value)
        assert "\n" not in str(refusal.value)


class Relay:
    """A way to a server through which nothing comes while it is `broken`: no answer and no refusal."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.broken = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                while self.broken.is_set():
                    time.sleep(0.05)
                other.sendall(data)
        for side in (one, other):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._server.close()


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_network_that_is_away_for_longer_than_the_lease_takes_nothing_from_anybody(
    write_sweep: Any, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    relay = Relay(postgres.port)
    plan = plan_of(write_sweep, seeds=1)
    url = postgres.new_database(f"away_{os.getpid()}").replace(str(postgres.port), str(relay.port))
    queue = Queue(plan, url)
    queue.fill()
    with queue.claim() as claim:
        assert claim is not None
        storage = queue._storage.storage
        _until(lambda: storage.get_trial(claim.key).user_attrs.get("beat", 0) > 1)
        relay.broken.set()
        time.sleep(2.5)
        relay.broken.clear()
        _until(lambda: storage.get_trial(claim.key).user_attrs["beat"] > 3)
        assert not claim.lost()
        queue.settle(claim, FINISHED)
    assert _states(queue) == {"COMPLETE": 1, "WAITING": 2}
    relay.close()


def test_a_half_written_line_of_the_journal_is_cut_off(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    filled(plan)
    with (plan.directory / "optuna.journal").open("ab") as journal:
        journal.write(b'{"op_code": 5, "worker_id": "a disk that was fu')
    assert len(drained(Queue(plan))) == len(plan.trials)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("foo", "--storage foo: not a database URL"),
        ("redis://host", "--storage redis://host: not a database URL"),
        ("nosuch://me:secret@host/x", "not a database URL"),
        ("nosuch://host/x?user=me&password=secret", "not a database URL"),
        ("sqlite:///queue.db", "SQLite hands a trial out twice; use postgresql://"),
        ("mysql://me:secret@host/x", "nobody has tried whether mysql hands a trial out twice"),
        ("postgres://me:secret@host/x", "did you mean 'postgresql'?"),
        ("grpc://host", "expected grpc://HOST:PORT"),
        ("postgresql://me:a@secret@host", "--storage postgresql://me:***@host: an @ too many: in a user name"),
        ("postgresql://me:a:secret@b:c@host", "@ is written %40"),
    ],
)
def test_bad_storages_are_refused_without_their_password(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        open_storage(tmp_path, url)
    assert message in str(refusal.value)
    assert "secret" not in str(refusal.value)
