"""The loopback W&B server against the real client: runs, their files and their end, deletion, stopping, and troubles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wandb_server import USER, WandbServer
from tests.wandb_server.graphql import Refused, answer, read

pytestmark = pytest.mark.slow

START = "import pathlib, sys, time, wandb\nquick = wandb.Settings(silent=True, init_timeout=3, finish_timeout=3)\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WandbServer]:
    with WandbServer(tmp_path / "server") as running:
        yield running
    assert running.unknown == []


def started(server: WandbServer, folder: Path, code: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **server.env(), **variables}
    return subprocess.Popen(
        [sys.executable, "-c", START + code, *words],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(server: WandbServer, folder: Path, code: str, *words: str, **variables: str) -> str:
    """What that program of the client printed; it must end well."""
    process = started(server, folder, code, *words, **variables)
    try:
        output, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, output
    return output


LOGGED = """
run = wandb.init(project="demo", id="abc", name="arm-s1", group="g", job_type="train", tags=["a", "b"], notes="n",
                 config={"lr": 0.1, "a.b": [1], "in": {"x": None}}, resume="allow", settings=quick)
print("start", run.starting_step, dict(run.config)["lr"], run.summary.get("fid"))
for step in range(3):
    run.log({"images": step * 10, "loss": 1 / (step + 1)})
pathlib.Path("note.txt").write_text("kept")
run.save("note.txt", policy="now")
run.summary["fid"] = 3.5
run.finish(exit_code=int(sys.argv[1]))
"""


def test_a_run_arrives_whole_and_goes_on_where_it_was(server: WandbServer, tmp_path: Path) -> None:
    assert "start 0 0.1 None" in told(server, tmp_path, LOGGED, "0")
    run = server.runs[f"{USER}/demo"]["abc"]
    assert run.config == {"lr": 0.1, "a.b": [1], "in": {"x": None}}
    assert [(row["_step"], row["images"]) for row in run.history] == [(0, 0), (1, 10), (2, 20)]
    assert run.summary["fid"] == 3.5
    assert (run.name, run.group, run.job_type, run.tags, run.notes) == ("arm-s1", "g", "train", ["a", "b"], "n")
    assert (run.state, run.exit_code) == ("finished", 0)
    assert run.files["note.txt"] == b"kept"
    assert json.loads(run.files["wandb-metadata.json"])["python"]
    assert any("start 0" in line for line in run.output)
    assert "start 3 0.1 3.5" in told(server, tmp_path, LOGGED, "7")
    assert [row["_step"] for row in run.history] == [0, 1, 2, 3, 4, 5]
    assert (run.state, run.exit_code) == ("failed", 7)
    assert b"arm-s1" in server.received()


def test_an_offline_run_is_synced(server: WandbServer, tmp_path: Path) -> None:
    told(server, tmp_path, LOGGED.replace('resume="allow", ', ""), "0", WANDB_MODE="offline")
    assert not server.runs
    (folder,) = tmp_path.glob("wandb/offline-run-*")
    words = [sys.executable, "-m", "wandb", "sync", str(folder)]
    done = subprocess.run(words, env={**os.environ, **server.env()}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [row["images"] for row in server.runs[f"{USER}/demo"]["abc"].history] == [0, 10, 20]


def test_a_run_that_must_go_on_has_to_be_there(server: WandbServer, tmp_path: Path) -> None:
    code = """
try:
    wandb.init(project="demo", id="new", resume="must", settings=quick)
except wandb.errors.Error as error:
    print("refused:", error)
"""
    assert "refused:" in told(server, tmp_path, code)
    assert not server.runs[f"{USER}/demo"]


def test_a_deleted_run_s_id_is_refused(server: WandbServer, tmp_path: Path) -> None:
    code = """
wandb.init(project="demo", id="abc", settings=quick).finish()
wandb.Api().run("tester/demo/abc").delete()
try:
    wandb.init(project="demo", id="abc", settings=quick)
except wandb.errors.CommError as error:
    print(error)
"""
    said = told(server, tmp_path, code)
    assert "run tester/demo/abc was previously created and deleted; try a new run name" in said
    assert not server.runs[f"{USER}/demo"]


def test_what_is_not_allowed_is_refused_as_wandb_does(server: WandbServer, tmp_path: Path) -> None:
    code = """
for entity in ("closed", "nobody"):
    try:
        wandb.init(entity=entity, project="demo", settings=quick)
    except wandb.errors.CommError as error:
        print(error)
"""
    server.store.forbidden.add("closed")
    said = told(server, tmp_path, code)
    assert "permission denied" in said
    assert "entity nobody not found" in said
    server.keys.clear()
    assert "user is not logged in" in told(server, tmp_path, code)


def test_a_run_is_asked_to_stop(server: WandbServer, tmp_path: Path) -> None:
    """The client asks every 15 seconds, and then interrupts its program."""
    code = """
run = wandb.init(project="demo", id="abc", settings=wandb.Settings(silent=True))
try:
    while True:
        run.log({"loss": 1.0})
        time.sleep(0.05)
except KeyboardInterrupt:
    print("interrupted")
"""
    process = started(server, tmp_path, code)
    try:
        server.wait(lambda: "abc" in server.runs[f"{USER}/demo"])
        told(server, tmp_path, "wandb.Api().run('tester/demo/abc').stop()")
        assert "interrupted" in process.communicate(timeout=90)[0]
    finally:
        process.kill()
        process.wait()


LONG = """
run = wandb.init(project="demo", id="abc", settings=quick)
print("up", flush=True)
sys.stdin.readline()
for step in range(20):
    run.log({"images": step})
run.finish()
print("done")
"""


@pytest.mark.parametrize("trouble", ["fail", "hang", "refuse", "slow"])
def test_a_trouble_comes_and_goes(server: WandbServer, tmp_path: Path, trouble: str) -> None:
    """What a run has logged meanwhile arrives when the server is well again."""
    words = [sys.executable, "-c", START + LONG.replace("settings=quick", "settings=wandb.Settings(silent=True)")]
    process = subprocess.Popen(
        words,
        env={**os.environ, **server.env()},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        server.wait(lambda: "abc" in server.runs[f"{USER}/demo"])
        run = server.runs[f"{USER}/demo"]["abc"]
        server.slow(0.2) if trouble == "slow" else getattr(server, trouble)()
        seen = len(server.requests)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        if trouble in ("fail", "hang"):
            server.wait(lambda: len(server.requests) > seen)
            assert run.history == []
        server.heal()
        assert "done" in process.communicate(timeout=120)[0]
        assert [row["images"] for row in run.history] == list(range(20))
        assert run.state == "finished"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("trouble", ["fail", "hang", "refuse"])
def test_no_run_starts_in_trouble(server: WandbServer, tmp_path: Path, trouble: str) -> None:
    getattr(server, trouble)()
    code = "try:\n    wandb.init(project='demo', settings=quick)\nexcept wandb.errors.CommError:\n    print('no run')\n"
    assert "no run" in told(server, tmp_path, code)
    assert not server.runs[f"{USER}/demo"]


def test_trouble_may_be_for_some_requests_alone(server: WandbServer, tmp_path: Path) -> None:
    server.fail(404, only="CreateRunFiles")
    told(server, tmp_path, LOGGED, "0")
    run = server.runs[f"{USER}/demo"]["abc"]
    assert len(run.history) == 3
    assert run.files == {}
    server.troubles.only = "nothing"


def test_an_operation_that_is_not_spoken_is_refused_and_noted(tmp_path: Path) -> None:
    code = """
try:
    wandb.Api()._service_api.execute_graphql("query Odd { viewer { id shoes } }")
except Exception as error:
    print(error)
"""
    with WandbServer(tmp_path / "server") as server:
        assert 'Cannot query field "shoes" on type "User".' in told(server, tmp_path, code)
        assert server.unknown == ['Odd: Cannot query field "shoes" on type "User".']


def test_documents_are_read_as_graphql_has_them() -> None:
    root = {"__typename": "Query", "thing": lambda given: {"__typename": "A", "echo": given, "a": 1, "b": None}}
    text = """
    # a comment, with a comma
    query Q($x: Int = 3, $absent: String, $yes: Boolean!) {
        one: thing(x: $x, y: $absent, z: [1.5, "s", true, null, E], o: {k: $x}) { ...F, ... on B { none } }
        two: thing { a @skip(if: $yes) b @include(if: $yes) }
    }
    fragment F on A { __typename echo }
    """
    found = answer(read(text), {"yes": True}, root)
    assert found["one"] == {"__typename": "A", "echo": {"x": 3, "z": [1.5, "s", True, None, "E"], "o": {"k": 3}}}
    assert found["two"] == {"b": None}
    with pytest.raises(Refused, match="Expected"):
        read("query { a(: 1) }")
