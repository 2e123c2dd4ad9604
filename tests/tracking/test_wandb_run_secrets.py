"""Nothing that names a machine, a person or a folder is recorded or sent, whatever the run is of and however it ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from tests.tiny import record
from tests.tracking.conftest import PICTURE, run_python
from tests.tracking.test_wandb_run import REPLAY
from tests.wandb_server import WandbServer

pytestmark = pytest.mark.slow


@pytest.fixture
def of_a_folder(tiny: Experiment, tmp_path: Path) -> RunDirectory:
    """A run on images in a folder that is planted, which failed and said where."""
    folder = tmp_path / "images-planted"
    folder.mkdir()
    Image.new("L", (16, 16)).save(folder / "a.png")
    experiment = tiny.with_({"data": {"name": "folder", "size": 16, "channels": 1, "folder": str(folder)}})
    directory = RunDirectory.of(experiment)
    directory.samples.mkdir(parents=True)
    directory.describe(experiment)
    directory.append("metrics", {"step": 10, "images": 100, "loss_d": 0.5})
    (directory.samples / "000000100.png").write_bytes(PICTURE)
    home = tmp_path / "home-of-planted"
    failure = f"cannot read {folder}/a.png, nor {home}/notes"
    directory.write_record(record(id=experiment.id, status="failed", images=100, failure=failure))
    return directory


def test_a_failed_run_on_a_folder(of_a_folder: RunDirectory, server: WandbServer, tmp_path: Path) -> None:
    planted = {"HOME": str(tmp_path / "home-of-planted"), "USER": "user-planted", "LOGNAME": "user-planted"}
    code = "import socket; socket.gethostname = lambda: 'host-planted'\n" + REPLAY
    for mode in ("online", "offline"):
        done = run_python(code, str(of_a_folder.path), **{**server.env(), **planted, "WANDB_MODE": mode})
        assert done.returncode == 0, done.stderr
    (run,) = next(iter(server.runs.values())).values()
    assert run.summary["failure"] == "cannot read DATA/a.png, nor ~/notes"
    assert [artifact.collection for artifact in run.artifacts] == [f"record-{of_a_folder.path.name}"]
    bodies = b"\n".join(request.body for request in server.requests)
    assert b"planted" not in bodies and server.env()["WANDB_API_KEY"].encode() not in bodies
    for file in Path("home/wandb").rglob("*"):
        if file.is_file():
            assert b"planted" not in file.read_bytes(), file
