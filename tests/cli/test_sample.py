"""`dcgan sample` as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dcgan.cli import main
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
    assert main(["sample", run["id"], "--interpolate"]) == 0
    assert "interpolation.png" in capsys.readouterr().out
