"""Pictures of strangers: no program is started, nothing waits, and a large one takes no more than two copies."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image, ImageOps

from dcgan.common.errors import Misuse
from dcgan.data import decoding, folder
from dcgan.data.decoding import pictures
from tests.data.image_folders import described, fill

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.tiff"])
def test_a_page_description_under_another_name_starts_nothing(tmp_path: Path, monkeypatch, name: str):
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *args, **kwargs: pytest.fail("Ghostscript is started"))
    (tmp_path / name).write_bytes(EPS)
    with Image.open(tmp_path / name) as file:
        assert file.format == "EPS"  # as Pillow would take it
    with pytest.raises(
        Misuse, match=f"{name} is not a readable image .the content is of no image format that is known"
    ):
        list(pictures([tmp_path / name], 16, 3))


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (os.mkfifo, "not a regular file"),
        (_endless, "not a regular file"),
        (_sparse, "too large: at most 1 GiB are read"),
    ],
)
def test_what_has_no_end_is_named(tmp_path: Path, make, reason: str):
    root = fill(tmp_path / "images", 20)
    make(root / "x.png")
    with pytest.raises(Misuse, match=f"x.png is not a readable image .{reason}"):
        folder.resolve(described(root))
    with pytest.raises(Misuse, match=f"x.png is not a readable image .{reason}"):
        list(pictures([root / "x.png"], 16, 3))


def _noise(mode: str) -> Image.Image:
    """37 x 53 pixels of all colours in that mode."""
    random = np.random.RandomState(0)
    if mode in {"I;16", "F", "I"}:
        kind = {"I;16": np.uint16, "F": np.float32, "I": np.int32}[mode]
        return Image.fromarray(random.randint(0, 60_000, (53, 37)).astype(kind))
    colours = Image.fromarray(random.randint(0, 256, (53, 37, 4)).astype(np.uint8), "RGBA")
    return colours if mode == "RGBA" else colours.convert("RGB").convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16", "F", "I"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_in_bands_is_the_same_picture(tmp_path: Path, monkeypatch, mode: str, channels: int):
    path = tmp_path / ("x.tiff" if mode in {"CMYK", "F", "I"} else "x.png")
    _noise(mode).save(path)
    ((whole,),) = pictures([path], 16, channels)
    monkeypatch.setattr(decoding, "_BAND", 100)  # two rows
    ((banded,),) = pictures([path], 16, channels)
    assert (banded.digest, banded.came, banded.mode) == (whole.digest, whole.came, whole.mode)
    assert banded.pixels.equal(whole.pixels)


@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
def test_pixels_and_digest_are_those_that_studies_were_begun_with(tmp_path: Path, mode: str):
    image = _noise(mode)
    image.save(tmp_path / "x.png")
    ((picture,),) = pictures([tmp_path / "x.png"], 16, 3)
    colours = image.convert("RGB")
    square = ImageOps.fit(colours, (16, 16), method=Image.Resampling.BILINEAR)
    assert np.array_equal(picture.pixels.permute(1, 2, 0).numpy(), np.array(square))
    assert picture.digest == hashlib.blake2b(b"(37, 53)" + colours.tobytes(), digest_size=16).digest()


def test_links_out_of_a_folder_are_said(tmp_path: Path, capsys):
    root, other = fill(tmp_path / "images", 20), fill(tmp_path / "elsewhere", 3, first=30)
    (root / "more").symlink_to(other)
    (root / "one.png").symlink_to(other / "image030.png")
    (root / "inside.png").symlink_to(root / "image000.png")
    folder.resolve(described(root))
    said = [line for line in capsys.readouterr().err.splitlines() if "out of the folder" in line]
    assert said == [f"note: {root}: 2 links lead out of the folder (more/, one.png): what is there is read, too"]
