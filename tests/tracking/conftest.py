"""A run's directory as a training leaves it, a W&B server of this machine, and W&B's own settings out of the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.tracking import wandb_settings
from tests.tiny import record
from tests.wandb_server import WandbServer

# Those of whoever runs the tests, and those that the program itself sets.
WANDB = {*(name for name in os.environ if name.startswith("WANDB_")), *wandb_settings.VARIABLES.values(),
         "WANDB_DISABLED", "WANDB_ERROR_REPORTING"}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a login nor settings of whoever runs the tests."""
    for name in WANDB:
        monkeypatch.setenv(name, "")  # so that it is put back, whoever sets it meanwhile
        monkeypatch.delenv(name)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "wandb-config"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "wandb-cache"))
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "wandb-data"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WandbServer]:
    """A server that knows one key; what it does not understand fails the test."""
    with WandbServer(tmp_path / "server") as running:
        yield running
    assert running.unknown == []


@pytest.fixture
def trained(tiny: Experiment) -> RunDirectory:
    """The directory of a finished run: three rows, scores at the last two, a grid before and one at the end."""
    directory = RunDirectory.of(tiny)
    directory.samples.mkdir(parents=True)
    directory.describe(tiny)
    for images, loss in ((100, 0.5), (200, 0.25), (300, 0.125)):
        directory.append("metrics", {"step": images // 10, "images": images, "loss_d": loss})
    for images, split, fid in ((200, "validation", 9.0), (300, "validation", 8.0), (300, "test", 7.5)):
        directory.append(
            "scores", {"images": images, "split": split, "extractor": "classifier", "samples": 270, "fid": fid}
        )
    for name in ("000000200", "final"):
        (directory.samples / f"{name}.png").write_bytes(PICTURE)
    directory.weights.write_bytes(b"the weights")
    directory.write_record(record(id=tiny.id, images=300, scores={"fid": 7.5}))
    return directory


# Four grey pixels.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f80000000e49444154789c636c60606260000002920084f77c"
    "a3580000000049454e44ae426082"
)


def run_python(code: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that runs the code, with these variables; W&B keeps much for the life of a process."""
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=False, timeout=240
    )
