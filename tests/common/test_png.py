"""Lighter pictures with the same pixels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.common.errors import DcganError
from dcgan.common.png import light_png


def _saved(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path, compress_level=1)
    return path


@pytest.mark.parametrize("kind", ["grey in colour", "colour", "grey"])
def test_no_pixel_is_lost_and_grey_needs_one_channel(tmp_path: Path, kind: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 9, (64, 64, 3), dtype=np.uint8) * 20
    if kind != "colour":
        pixels[:] = pixels[:, :, :1]
    path = _saved(tmp_path / "a.png", pixels if kind != "grey" else pixels[:, :, 0])
    light = light_png(path)
    with Image.open(io.BytesIO(light)) as picture:
        assert picture.mode == ("RGB" if kind == "colour" else "L")
        assert np.array_equal(np.asarray(picture.convert("RGB")), pixels)
    assert len(light) <= path.stat().st_size
    assert light == light_png(path)


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + b"x" * 99])
def test_what_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DcganError, match=r"a.png is damaged \(not a PNG\)"):
        light_png(path)


def test_a_picture_that_is_cut_short_is_damaged(tmp_path: Path) -> None:
    path = _saved(tmp_path / "a.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DcganError, match="damaged"):
        light_png(path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DcganError, match="none.png"):
        light_png(tmp_path / "none.png")
