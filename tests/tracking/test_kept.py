"""A run that is over, sent to the run that an agent handed out, with the real client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.tracking.header import alone
from dcgan.tracking.kept import send_kept
from tests.wandb_server import USER, WandbServer

_SEND = (
    "import sys; from dcgan.runs.directory import RunDirectory; from dcgan.tracking.header import alone\n"
    "from dcgan.tracking.kept import send_kept\n"
    "run = RunDirectory.find(sys.argv[1]); experiment = run.experiment()\n"
    "send_kept(alone(experiment), experiment, run, run.record())"
)


@pytest.mark.slow
def test_all_of_it_arrives_in_the_agents_run(tiny: Experiment, tmp_path: Path) -> None:
    record = run_trial(tiny)
    directory = RunDirectory.of(tiny)
    with WandbServer(tmp_path / "files") as server:
        of_agent = {"WANDB_SWEEP_ID": "abcd1234", "WANDB_RUN_ID": "handed-out", "WANDB_PROJECT": "mine"}
        env = {**os.environ, **server.env(), **of_agent}
        done = subprocess.run(
            [sys.executable, "-c", _SEND, tiny.id], env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0 and "left out" not in done.stderr, done.stderr
        [run] = server.runs[f"{USER}/mine"].values()
    assert (run.id, run.config["id"], run.state) == ("handed-out", tiny.id, "finished")
    table = directory.rows("metrics")
    assert [row["images"] for row in run.history if "loss_d" in row] == [int(row["images"]) for row in table]
    assert run.history[-1]["images"] == record.images and "samples" in run.history[-1], "the final grid"
    assert run.summary["status"] == "finished" and run.summary["digest"] == record.digest


@pytest.mark.slow
def test_a_run_that_was_made_without_wandb_arrives_when_its_command_is_typed_again(
    tiny: Experiment, tmp_path: Path
) -> None:
    run_trial(tiny)
    with WandbServer(tmp_path / "files") as server:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", _SEND, tiny.id],
                env={**os.environ, **server.env()},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0 and "left out" not in done.stderr, done.stderr
        [run] = server.runs[f"{USER}/tiny"].values()
    table = RunDirectory.of(tiny).rows("metrics")
    assert run.id == tiny.id
    assert [row["images"] for row in run.history if "loss_d" in row] == [int(row["images"]) for row in table]


@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_where_runs_are_not_sent_no_folder_is_made(
    mode: str, tiny: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", mode)
    monkeypatch.delenv("WANDB_SWEEP_ID", raising=False)
    record = run_trial(tiny.with_({"budget.images_per_epoch": 20}))
    send_kept(alone(tiny), tiny, RunDirectory.of(tiny), record)
    assert "wandb" not in {path.name for path in RunDirectory.of(tiny).path.parent.parent.glob("*")}
