"""`dcgan sweep`, `worker`, `status` and `dashboard`, as they are typed."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.common import paths
from tests.postgres import free_port, postgres

__all__ = ["postgres"]


def _rows(study: str = "small") -> list[dict[str, str]]:
    with Path(f"studies/{study}/trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_dry_run_writes_nothing_and_says_what_would_be(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "generator.normalisation=batch" in shown
    assert "in every arm, since start=bare holds for the tips that are no factors: " in shown
    assert "update.batch=100" in shown
    assert "trials: 4 = 2 arms x 2 seeds; 0 of them are already trained" in shown
    assert re.search(r"time: about \d+ s of training and scoring, \d+ at a time", shown)
    assert "standard deviations" in shown
    assert "warning: with 2 seeds and 1 comparison no result could become significant without assumptions" in shown
    assert "6 seeds would do" in shown
    assert main(["sweep", small, "--dry-run", "--json", "seeds=1"]) == 0
    plan = _json(capsys)
    assert plan["arms"] == ["bare", "batch_norm"]
    assert (plan["trials"], plan["reused"]) == (2, 0)
    assert 0 < plan["seconds"] < 60
    assert plan["resolvable_difference"] is None
    assert "no result can become significant with 1 seed" in plan["warning"]
    assert "at least 2" in plan["resolution"]
    assert not Path("studies").exists()
    assert not Path("runs").exists()


def test_what_fits_into_a_time_is_whole_seeds_and_the_rest_stays_planned(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--workers", "1", "--no-report"]
    words = ["sweep", small, "seeds=3", *options]
    assert main([*words, "--for", "1s", "budget.epochs=500"]) == 2
    assert "one seed of all arms, 2 trials, takes about" in capsys.readouterr().err
    assert not Path("studies").exists()
    assert main(["sweep", small, "seeds=1", "study=tried", *options]) == 0  # now it is known how long a trial takes
    seconds = sum(
        record["seconds"] + record["scoring_seconds"]
        for record in (json.loads(path.read_text()) for path in Path("runs").glob("*/run.json"))
    )
    capsys.readouterr()
    in_time = ["--for", f"{1.5 * seconds:.3f}s"]
    assert main([*words, *in_time, "--dry-run", "--json"]) == 0
    plan = _json(capsys)
    assert plan["in_time"]["seeds"] == [1]
    assert (plan["in_time"]["trials"], plan["seeds"], plan["reused"]) == (2, 2, 2)
    assert main([*words, *in_time]) == 0
    assert "the other 2 stay planned" in capsys.readouterr().err
    assert [row["status"] for row in _rows()] == ["finished"] * 4 + ["planned"] * 2
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 6


def test_a_plan_that_stops_when_decided_tells_its_looks(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "stop={at_most: 4}", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "trials: at most 8 = 2 arms x 4 seeds" in shown
    assert "looks: after 2, 3, 4 seeds" in shown
    assert "time: at most" in shown


def test_a_dry_run_downloads_nothing(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "data.name=mnist", "--dry-run"]) == 0
    assert not paths.data().exists()


def test_the_next_command_can_be_pasted(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(small).rename("my small.yaml")
    words = ["study=small", "factors=[he_init, batch_norm]"]
    assert main(["sweep", "my small.yaml", *words, "--dry-run"]) == 0
    following = capsys.readouterr().out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(following) == ["dcgan", "sweep", "my small.yaml", *words]


@pytest.mark.parametrize("kind", ["journal", "postgresql", "grpc"])
def test_the_dashboard_opens_each_storage(small: str, kind: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("optuna_dashboard")
    from dcgan import queue
    from dcgan.queue import storage
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    url = None if kind == "journal" else request.getfixturevalue("postgres").new_database(f"dashboard_{kind}")
    if kind == "grpc":
        behind, grpc_port = url, free_port()
        url = f"grpc://127.0.0.1:{grpc_port}"
        proxy = storage.proxy(storage.open_storage(made.directory, behind), "127.0.0.1", grpc_port)
        request.addfinalizer(lambda: proxy.stop(0).wait())
    queue.Queue(made, url).fill()
    port = free_port()
    words = [sys.executable, "-m", "dcgan", "dashboard", "small", "--port", str(port), "--json"]
    environment = {**os.environ, **({"DCGAN_STORAGE": url} if url else {})}
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert "(Ctrl-C ends it)" in server.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
            assert [study["study_name"] for study in json.load(answer)["study_summaries"]] == ["small"]
        assert b"127.0.0.1" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
        server.send_signal(signal.SIGINT)
        assert json.loads(server.communicate(timeout=30)[0])["storage"] in (
            url,
            "studies/small/optuna.journal",
            "postgresql://dcgan@" + (url or "").rpartition("@")[2],
        )
    finally:
        server.kill()
        server.wait()
    assert server.returncode == 0


def test_trained_once_then_continued(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--no-report", "--json"]) == 0
    taken = capsys.readouterr()
    assert json.loads(taken.out)["finished"] == 4
    assert [line[:5] for line in taken.err.splitlines() if line.startswith("[")] == [
        "[1/4]",
        "[2/4]",
        "[3/4]",
        "[4/4]",
    ]
    before = _rows()
    assert main(["sweep", small, "--no-report"]) == 0
    assert "4 of 4 trials finished" in capsys.readouterr().out
    assert main(["sweep", small, "--dry-run", "--json", "--seeds=3"]) == 0
    plan = _json(capsys)
    assert (plan["trials"], plan["reused"]) == (6, 4)
    assert plan["seconds"] > 0
    assert plan["resolvable_difference"] > 0
    assert main(["sweep", small, "--workers=1", "--no-report", "seeds=3"]) == 0
    capsys.readouterr()
    assert _rows()[:4] == before
    assert main(["sweep", small, "budget.epochs=3", "--no-report"]) == 2
    assert "budget.epochs: 2 -> 3" in capsys.readouterr().err

    assert main(["status", "small", "--json"]) == 0
    status = _json(capsys)
    assert (status["planned"], status["finished"], status["running"], status["seconds_left"]) == (6, 6, 0, 0.0)
    assert main(["status"]) == 0
    assert "next: dcgan report small" in capsys.readouterr().out
    assert main(["worker", "small"]) == 0
    assert "6 of 6" in capsys.readouterr().out


def test_status_watches_a_study_to_its_end(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    stored_plans.write(plan.make(sweep.load(small)))
    watching = subprocess.Popen(
        [sys.executable, "-m", "dcgan", "status", "small", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    told, seen = watching.communicate(timeout=60)
    assert json.loads(told)["finished"] == 4
    assert all(line.startswith("[") and ": finished, fid" in line for line in seen.splitlines())


def test_the_report_is_written(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--json"]) == 0
    result = _json(capsys)
    assert result["report"] == "reports/small/index.html"
    assert "batch_norm" in Path(result["report"]).read_text()


def test_ctrl_c_stops_with_130_and_the_same_command_goes_on(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(Path("runs").glob("*/generator.safetensors")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    words = ["sweep", small, "--workers", "1", "--no-report", "budget.epochs=10"]
    threading.Thread(target=interrupt).start()
    assert main(words) == 130
    taken = capsys.readouterr()
    assert "type the same command again to go on" in taken.err
    assert "error:" not in taken.err
    begun = [row["status"] for row in _rows()]
    assert 1 <= begun.count("finished") < 4
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5


def test_workers_one_of_which_is_killed_make_the_undisturbed_table(small: str) -> None:
    longer = ["budget.epochs=40", "score.every_epochs=20", "tracking.tick_images=100"]
    words = ["sweep", small, "--no-report", *longer, "tracking.checkpoint_seconds=0.2"]
    sweep = subprocess.Popen(
        [sys.executable, "-m", "dcgan", *words, "--workers", "2"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    os.kill(_wait_for(lambda: _worker_in_training(sweep.pid)), signal.SIGKILL)
    _, told = sweep.communicate(timeout=120)
    assert sweep.returncode == 0, told
    assert "was killed by SIGKILL" in told
    disturbed = [{**row, "seconds": ""} for row in _rows()]
    assert [row["status"] for row in disturbed] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5, "only the killed trial was begun again"

    Path("runs").rename("disturbed")
    assert main([*words, "--workers=1"]) == 0
    assert [{**row, "seconds": ""} for row in _rows()] == disturbed


def _wait_for(look: Callable[[], int | None]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing was trained within a minute")


def _worker_in_training(parent: int) -> int | None:
    """A worker of that sweep that is training a run."""
    if not list(Path("runs").glob("*/metrics.csv")):
        return None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for child in children:
        held = [str(path.resolve()) for path in Path(f"/proc/{child}/fd").iterdir()]
        if any("/runs/" in path and path.endswith("/.lock") for path in held):
            return int(child)
    return None
