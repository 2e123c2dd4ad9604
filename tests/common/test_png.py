"""Lighter pictures with the same pixels."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from dcgan.common import png
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


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((8192, 8193), "8192 x 8193 pixels are too many for a grid of samples"),
        ((2**15, 2**15), "is damaged"),  # Pillow itself refuses to open so many
    ],
)
def test_a_small_file_of_many_pixels_is_never_unpacked(
    tmp_path: Path, size: tuple[int, int], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(_: object) -> None:
        pytest.fail("it is unpacked")

    path = _saved(tmp_path / "a.png", np.zeros((1, 1), np.uint8))
    content = path.read_bytes()
    header = b"IHDR" + struct.pack(">II", *size) + content[24:29]
    path.write_bytes(content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:])
    monkeypatch.setattr(PngImageFile, "load", unpack)
    with pytest.raises(DcganError, match=f"a.png:? {message}"):
        light_png(path)


def test_so_many_pixels_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_MOST_PIXELS", 64)
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    assert light_png(_saved(tmp_path / "a.png", pixels))
    with pytest.raises(DcganError, match="8 x 9 pixels are too many"):
        light_png(_saved(tmp_path / "b.png", np.zeros((9, 8), np.uint8)))
