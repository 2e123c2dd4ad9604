"""Studies of known numbers, and one that was planned here and whose runs are written as if they were being trained."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from dcgan.runs.directory import RunDirectory
from dcgan.study.plan import Plan, Trial
from tests.known_studies import csv_file, study, three_arms
from tests.study.recorded import write_run, written_plan
from tests.tiny import PROTOCOL

__all__ = ["csv_file", "study", "three_arms"]


@pytest.fixture
def plan(write_sweep: Any) -> Plan:
    """A written plan: bare and batch_norm, three seeds."""
    return written_plan(write_sweep, factors=["batch_norm"], start="bare", seeds=3)


def begun(trial: Trial, *ticks: int) -> RunDirectory:
    """A trial's run that is being trained, with a row and a grid for each of these numbers of images."""
    run = write_run(trial, status="running")
    for images in ticks:
        go_on(run, images)
    return run


def go_on(run: RunDirectory, images: int, fid: float | None = None) -> None:
    """The next row, the next grid, and perhaps the next score of a run."""
    run.append("metrics", {"step": images // 10, "images": images, "loss_d": 1 + images / 1000, "lr_d": 0.001})
    run.samples.mkdir(exist_ok=True)
    Image.new("L", (8, 8), images % 256).save(run.samples / f"{images:09d}.png")
    if fid is not None:
        run.append("scores", {"images": images, "split": "validation", "extractor": "classifier", "fid": fid})


def finish(trial: Trial, fid: float, **values: Any) -> None:
    """The run as it is when it ended with that score."""
    write_run(trial, **{"images": 200, "scores": {"fid": fid}, "protocol": PROTOCOL.to_dict(), **values})
