"""`dcgan sample` as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dcgan.cli import main
from dcgan.common.errors import Interrupted
from dcgan.experiment import Experiment
from dcgan.runs.run import run_trial
from tests.cli.typed import printed_json


def test_sample_writes_grids_and_folders(
    run: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    grid, folder = tmp_path / "grid.png", tmp_path / "images"
    assert main(["sample", run["id"], "-n", "9", "--grid", str(grid), "--folder", str(folder), "--json"]) == 0
    assert printed_json(capsys) == {"images": 9, "grid": str(grid), "folder": str(folder)}
    assert Image.open(grid).size == (3 * 18 + 2, 3 * 18 + 2)
    assert len(list(folder.glob("*.png"))) == 9
    assert Image.open(folder / "000000.png").size == (16, 16)
    assert main(["sample", run["id"][:8], "--interpolate"]) == 0
    assert "interpolation.png" in capsys.readouterr().out


def test_of_an_interrupted_run_it_says_at_how_many_images_it_stands(
    tiny: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = iter(range(100))
    with pytest.raises(Interrupted):
        run_trial(tiny, stop=lambda: next(steps) >= 4)
    capsys.readouterr()
    assert main(["sample", tiny.id, "-n", "4"]) == 0
    shown = capsys.readouterr()
    assert f"run {tiny.id} is not finished: its generator is that of the last checkpoint, after 80 of 200" in shown.err
    assert "sample.png (4 images)" in shown.out
    assert main(["sample", tiny.id, "-n", "4", "--json"]) == 0
    assert printed_json(capsys)["seen"] == 80
