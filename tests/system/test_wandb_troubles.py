"""W&B in trouble while a study trains: no training waits for it, the run directories are whole, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from tests.tiny import CURVED
from tests.tracking.test_wandb_run import columns, metrics
from tests.wandb_server import USER, WandbServer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_extractor")]

MAIN = "import sys; from dcgan.cli import main; sys.exit(main(sys.argv[1:]))"
UPLOAD = "from dcgan.study.stored_plans import load; from dcgan.tracking.upload import upload; upload(load('small'))"
BOUND = 15  # seconds that a process waits for W&B at its end


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WandbServer]:
    with WandbServer(tmp_path / "server") as running:
        yield running


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two arms on two seeds, four runs in one process, with a row of curves every twenty images."""
    monkeypatch.chdir(tmp_path)
    content = {
        **CURVED,
        "tracking": {"tick_images": 20},
        "update": {"batch": 2},
        "budget": {"epochs": 4, "images_per_epoch": 100},
    }
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content))
    sweep = {"experiment": str(tmp_path / "tiny.yaml"), "start": "bare", "factors": ["he_init"], "seeds": 2}
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(sweep))
    return str(tmp_path / "small.yaml")


def _started(study: str, server: WandbServer) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", MAIN, "sweep", study, "--workers", "1", "--no-report"]
    environment = {**os.environ, **server.env()}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _ended(process: subprocess.Popen[str]) -> str:
    """What it said; it must end well."""
    try:
        output, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, output
    return output


def _until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def _upload(server: WandbServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UPLOAD],
        env={**os.environ, **server.env()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _check_whole_here(plan: Plan) -> None:
    for trial in plan.trials:
        record = trial.directory.record()
        assert record is not None and record.status == "finished" and record.scores
        assert len(metrics(trial.directory)) == 20


def _check_whole_there(plan: Plan, server: WandbServer) -> None:
    """Each run once, with every row of its table."""
    runs = {run_id: run for run_id, run in server.runs[f"{USER}/small"].items() if not run_id.startswith("study-")}
    assert runs.keys() == {trial.run for trial in plan.trials}
    for trial in plan.trials:
        run = runs[trial.run]
        assert columns(run.history, metrics(trial.directory)) == metrics(trial.directory)
        assert (run.state, run.summary["status"]) == ("finished", "finished")


@pytest.mark.parametrize("trouble", ["fail", "hang", "refuse"])
def test_a_server_in_trouble_from_the_start(trouble: str, study: str, server: WandbServer) -> None:
    getattr(server, trouble)()
    began = time.monotonic()
    told = _ended(_started(study, server))
    plan = stored_plans.load("small")
    _check_whole_here(plan)
    assert told.count("note: W&B is left out from here on") == 1, told
    assert "later: dcgan dashboard small --wandb" in told and "Traceback" not in told
    trained = max((trial.directory.path / "run.json").stat().st_mtime for trial in plan.trials)
    over = time.time() - trained
    assert over < BOUND + 15, f"{over:.0f} s after the last run, {time.monotonic() - began:.0f} s in all"
    server.heal()
    _upload(server)
    _check_whole_there(plan, server)


@pytest.mark.parametrize("trouble", ["fail", "hang", "refuse"])
def test_a_server_in_trouble_half_way(trouble: str, study: str, server: WandbServer) -> None:
    process = _started(study, server)
    _until(lambda: server.runs.get(f"{USER}/small"))
    getattr(server, trouble)()
    told = _ended(process)
    plan = stored_plans.load("small")
    _check_whole_here(plan)
    assert "Traceback" not in told
    server.heal()
    _upload(server)
    _check_whole_there(plan, server)


def test_a_server_that_comes_back_has_missed_nothing_after_the_upload(study: str, server: WandbServer) -> None:
    process = _started(study, server)
    _until(lambda: server.runs.get(f"{USER}/small"))
    server.refuse()
    time.sleep(1)
    server.heal()
    _ended(process)
    plan = stored_plans.load("small")
    _check_whole_here(plan)
    _upload(server)
    _check_whole_there(plan, server)


def test_a_run_that_is_stopped_in_wandb_ends_as_pruned(study: str, server: WandbServer) -> None:
    long = yaml.safe_load(Path(study).read_text()) | {"set": {"budget.epochs": 100_000}, "seeds": 1}
    Path(study).write_text(yaml.safe_dump(long))
    process = _started(study, server)
    try:
        _until(lambda: _stop_what_runs(server) and process.poll() is not None)
    finally:
        told = _ended(process)
    for trial in stored_plans.load("small").trials:
        record = trial.directory.record()
        assert record is not None and (record.status, record.failure) == ("pruned", "stopped in W&B"), told


def _stop_what_runs(server: WandbServer) -> bool:
    """As the button in W&B does."""
    for run in list(server.runs.get(f"{USER}/small", {}).values()):
        run.stop_requested = run.stop_requested or len(run.history) > 0
    return True
