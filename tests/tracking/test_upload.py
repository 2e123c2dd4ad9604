"""What W&B lacks of a study, sent later: from run directories, of this machine and of another one, each run once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.common.errors import DcganError, Misuse
from dcgan.queue import Queue, heartbeat
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.sweeps import sweep
from dcgan.tracking.upload import upload
from tests.postgres import Server
from tests.tiny import CURVED
from tests.tracking.conftest import run_python
from tests.tracking.test_wandb_run import columns, metrics
from tests.wandb_server import USER, WandbServer

pytestmark = pytest.mark.slow

MAIN = "import sys; from dcgan.cli import main; sys.exit(main(sys.argv[1:]))"
UPLOAD = """
import sys
from dcgan.queue.study_curves import curves_of
from dcgan.study.stored_plans import load
from dcgan.tracking.upload import upload
plan = load("small")
curves_of(plan, sys.argv[1] if sys.argv[1:] else None).fetch(plan.trials)
print(upload(plan).line())
"""


@pytest.fixture
def sweep_file(tmp_path: Path) -> str:
    """Three arms on two seeds, with a row of curves every fifty images; nothing is said of W&B."""
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump({**CURVED, "tracking": {"tick_images": 50}}))
    content = {
        "experiment": str(tmp_path / "tiny.yaml"),
        "start": "bare",
        "factors": ["batch_norm", "he_init"],
        "seeds": 2,
    }
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(content))
    return str(tmp_path / "small.yaml")


def _typed(*words: str, **variables: str) -> str:
    done = run_python(MAIN, *words, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def _uploaded(*words: str, **variables: str) -> str:
    done = run_python(UPLOAD, *words, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _fingerprint_of(server: WandbServer, project: str) -> dict[str, Any]:
    """All that matters of the runs that the server has: not times, and not what W&B says of itself."""
    return {
        run_id: (
            run.name,
            run.group,
            run.job_type,
            sorted(run.tags),
            run.state,
            {key: value for key, value in run.config.items() if key != "_wandb"},
            {key: value for key, value in run.summary.items() if not key.startswith(("_", "samples", "images_per_second", "seconds", "scoring", "record"))},
            [{key: value for key, value in row.items() if not key.startswith("_") and key != "images_per_second"} for row in run.history],
            sorted(artifact.collection for artifact in run.artifacts),
        )
        for run_id, run in server.runs[project].items()
        if not run_id.startswith("study-")
    }  # fmt: skip


@pytest.mark.usefixtures("shared_extractor")
def test_runs_made_without_wandb_arrive_as_if_they_had_been_online(
    sweep_file: str, server: WandbServer, tmp_path: Path
) -> None:
    _typed("sweep", sweep_file, "--no-report", **server.env(), DCGAN_HOME=str(tmp_path / "online"))
    live = _fingerprint_of(server, f"{USER}/small")
    assert len(live) == 6
    server.runs.clear()
    _typed("sweep", sweep_file, WANDB_MODE="disabled")
    assert not server.runs
    assert _uploaded(**server.env()).endswith("6 sent\n")
    assert _fingerprint_of(server, f"{USER}/small") == live
    (study,) = (run for run_id, run in server.runs[f"{USER}/small"].items() if run_id.startswith("study-"))
    assert [artifact.name for artifact in study.artifacts] == ["small-trials:v0", "small-report:v0"]
    assert {artifact.collection for artifact in study.used} == {f"record-{run_id}" for run_id in live}

    before, requests = _fingerprint_of(server, f"{USER}/small"), len(server.requests)
    assert _uploaded(**server.env()) == "6 there already\n"
    changes = [request.operation for request in server.requests[requests:] if request.method != "GET"]
    assert not {"UpsertBucket", "CreateArtifact", "CreateRunFiles"} & set(changes)
    assert _fingerprint_of(server, f"{USER}/small") == before


@pytest.mark.usefixtures("shared_extractor")
def test_a_run_of_another_machine_arrives_with_its_history(
    sweep_file: str, server: WandbServer, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two homes and a database: six runs, of which the other machine trains the first."""
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    url = postgres.new_database(f"upload_{os.getpid()}_{time.monotonic_ns()}")
    there = {"DCGAN_HOME": str(tmp_path / "there"), "WANDB_MODE": "disabled"}
    plan = planning.make(sweep.load(sweep_file))
    stored_plans.write(plan)
    Queue(plan, url).fill()
    train_one = (
        "import sys\n"
        "from dcgan.queue import Queue\n"
        "from dcgan.workers.joining import join\n"
        "from dcgan.workers.worker import work\n"
        "plan = join('small', sys.argv[1])\n"
        "done = []\n"
        "try:\n"
        "    work(plan, Queue(plan, sys.argv[1]), threads=1, stop=lambda: bool(done), observers_of=lambda _: [],\n"
        "         on_end=lambda trial, record: done.append(trial.run))\n"
        "except Exception as interruption:\n"
        "    print(done[0])\n"
    )
    done = run_python(train_one, url, **there)
    assert done.returncode == 0, done.stderr
    theirs = done.stdout.strip()
    _typed("sweep", sweep_file, "--no-report", WANDB_MODE="disabled", DCGAN_STORAGE=url)
    assert not (Path("home/runs") / theirs / "checkpoint.pt").exists(), "it was trained there"
    assert _uploaded(url, **server.env()).endswith("6 sent\n")
    run = server.runs[f"{USER}/small"][theirs]
    trial = next(trial for trial in plan.trials if trial.run == theirs)
    assert columns(run.history, metrics(trial.directory)) == metrics(trial.directory)
    assert len(metrics(trial.directory)) == 2, "a row for every hundred images, which is a batch of the bare arm"
    assert (run.config["arm"], run.summary["status"]) == (trial.arm, "finished")


@pytest.mark.usefixtures("shared_extractor")
def test_a_killed_run_and_a_later_one_of_the_same_id_are_one(sweep_file: str, server: WandbServer) -> None:
    _typed("sweep", sweep_file, "seeds=1", "--no-report", WANDB_MODE="disabled")
    plan = stored_plans.load("small")
    trial = plan.trials[0]
    whole = (trial.directory.path / "metrics.csv").read_text()
    finished = trial.directory.record()
    assert finished is not None
    from dataclasses import replace

    trial.directory.write_record(replace(finished, status="running", scores={}, images=100))
    (trial.directory.path / "metrics.csv").write_text("".join(whole.splitlines(keepends=True)[:3]))
    (trial.directory.path / "scores.csv").unlink()
    assert _uploaded(**server.env()).endswith("3 sent\n")
    run = server.runs[f"{USER}/small"][trial.run]
    assert (run.state, run.summary["status"], len(columns(run.history, metrics(trial.directory)))) == (
        "failed",
        "running",
        2,
    )
    (trial.directory.path / "metrics.csv").write_text(whole)
    trial.directory.write_record(finished)
    assert _uploaded(**server.env()).endswith("1 sent, 2 there already\n")
    run = server.runs[f"{USER}/small"][trial.run]
    assert (run.state, run.summary["status"]) == ("finished", "finished")
    assert columns(run.history, metrics(trial.directory)) == metrics(trial.directory)


def _planned(sweep_file: str) -> planning.Plan:
    plan = planning.make(sweep.load(sweep_file))
    stored_plans.write(plan)
    return plan


def test_turned_off_it_says_how_to_turn_it_on(sweep_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = _planned(sweep_file)
    monkeypatch.setenv("WANDB_MODE", "offline")
    with pytest.raises(Misuse, match="W&B is offline here: log in \\(wandb login\\), or wandb online"):
        upload(plan)


def test_a_study_without_any_run_sends_nothing(sweep_file: str, server: WandbServer) -> None:
    _planned(sweep_file)
    assert _uploaded(**server.env()) == "6 not on this machine\n"
    assert not server.runs


@pytest.mark.parametrize("trouble", ["refuse", "hang", "fail"])
def test_a_server_in_trouble_is_one_line_and_soon(
    trouble: str, sweep_file: str, server: WandbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _planned(sweep_file)
    getattr(server, trouble)()
    monkeypatch.setattr("dcgan.tracking.asking_wandb.ANSWER_SECONDS", 2.0)
    for name, value in server.env().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DcganError, match="who is logged in there is not known") as caught:
        upload(plan)
    assert "\n" not in str(caught.value)
