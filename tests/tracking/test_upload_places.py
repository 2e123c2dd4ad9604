"""Where what is sent later goes: projects of several studies, projects that were typed, machines that joined."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml

from tests.postgres import Server
from tests.tiny import CURVED
from tests.tracking.conftest import run_python
from tests.wandb_server import USER, WandbServer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shared_extractor")]

MAIN = "import sys; from dcgan.cli import main; sys.exit(main(sys.argv[1:]))"


def _sweep(folder: Path, study: str, factor: str) -> str:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(CURVED))
    content = {"experiment": str(folder / "tiny.yaml"), "start": "bare", "factors": [factor], "seeds": 2}
    (folder / f"{study}.yaml").write_text(yaml.safe_dump(content))
    return str(folder / f"{study}.yaml")


def _typed(*words: str, **variables: str) -> str:
    done = run_python(MAIN, *words, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_project_of_two_studies_has_each_of_them_whole(tmp_path: Path, server: WandbServer) -> None:
    """They share the baseline: two runs, which are there once for each study, with their place in it."""
    shared = {**server.env(), "WANDB_PROJECT": "shared"}
    for study, factor in (("one", "he_init"), ("two", "leaky_relu")):
        _typed("sweep", _sweep(tmp_path, study, factor), "--no-report", **shared)
        _typed("dashboard", study, "--wandb", **shared)
    runs = [run for run_id, run in server.runs[f"{USER}/shared"].items() if not run_id.startswith("study-")]
    for study, factor in (("one", "he_init"), ("two", "leaky_relu")):
        cells = sorted((run.config["arm"], run.config["seed"]) for run in runs if run.config["study"] == study)
        assert cells == [("bare", 0), ("bare", 1), (factor, 0), (factor, 1)]
    assert len(runs) == 8
    before = len(server.requests)
    assert "4 there already" in _typed("dashboard", "two", "--wandb", **shared)
    assert "UpsertBucket" not in {request.operation for request in server.requests[before:]}


def test_a_project_that_was_typed_is_typed_again(tmp_path: Path, server: WandbServer) -> None:
    _typed("sweep", _sweep(tmp_path, "one", "he_init"), "--no-report", "tracking.project=mine", **server.env())
    assert "4 there already" in _typed("dashboard", "one", "--wandb", "tracking.project=mine", **server.env())
    assert server.runs.keys() == {f"{USER}/mine"}


def test_the_note_says_the_project_that_was_typed(tmp_path: Path, server: WandbServer) -> None:
    server.fail(401)
    told = _typed("sweep", _sweep(tmp_path, "one", "he_init"), "--no-report", "tracking.project=mine", **server.env())
    server.heal()
    assert "later: dcgan dashboard one --wandb tracking.project=mine" in told


def test_a_machine_that_has_nothing_of_the_study_sends_what_others_made(
    tmp_path: Path, server: WandbServer, postgres: Server
) -> None:
    url = postgres.new_database(f"places_{os.getpid()}_{time.monotonic_ns()}")
    there = {"WANDB_MODE": "disabled", "DCGAN_STORAGE": url, "DCGAN_HOME": str(tmp_path / "there")}
    _typed("sweep", _sweep(tmp_path, "one", "he_init"), "--no-report", **there)
    told = _typed("dashboard", "one", "--wandb", **server.env(), DCGAN_STORAGE=url)
    assert "4 sent" in told
    runs = [run for run_id, run in server.runs[f"{USER}/one"].items() if not run_id.startswith("study-")]
    assert len(runs) == 4
    assert all(run.history[-1]["images"] == 200 and "loss_d" in run.history[-1] for run in runs)


def test_a_key_that_is_not_about_wandb_is_refused(tmp_path: Path) -> None:
    done = run_python(MAIN, "dashboard", "one", "--wandb", "tracking.projekt=mine", WANDB_MODE="disabled")
    assert done.returncode == 2
    assert "takes tracking.project, tracking.entity, tracking.wandb; did you mean 'tracking.project'" in done.stderr
    done = run_python(MAIN, "dashboard", "one", "tracking.project=mine")
    assert done.returncode == 2 and "only --wandb takes KEY=VALUE" in done.stderr
