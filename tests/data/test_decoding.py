"""From image files to pixels: every mode, upright, whatever the metadata say; and what is said of broken files."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.data.decoding import decoded, pictures

COLOUR = (200, 100, 50)
GREY = 0.299 * 200 + 0.587 * 100 + 0.114 * 50  # luminance of that colour


def _one(path: Path, channels: int = 3) -> torch.Tensor:
    return next(decoded([path], 16, channels))[0]


def _noise(path: Path, seed: int = 0, size: int = 64) -> Path:
    pixels = np.random.RandomState(seed).randint(0, 256, (size, size, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def _flat(mode: str) -> Image.Image:
    """40 x 30 pixels of one colour in that mode."""
    if mode == "I;16":
        return Image.fromarray(np.full((30, 40), 128 * 257, np.uint16))
    if mode == "F":
        return Image.fromarray(np.full((30, 40), 128 / 255, np.float32))
    if mode == "LAB":
        return Image.new("LAB", (40, 30), (255, 128, 128))
    if mode == "1":
        return Image.new("1", (40, 30), 1)
    return Image.new("RGB", (40, 30), COLOUR).convert(mode)


@pytest.mark.parametrize(
    ("mode", "name", "expected"),
    [
        ("RGB", "zz.png", COLOUR),
        ("RGB", "zz.webp", COLOUR),
        ("RGB", "zz.BMP", COLOUR),
        ("RGBA", "zz.png", COLOUR),
        ("P", "zz.gif", COLOUR),
        ("L", "zz.png", (GREY,) * 3),
        ("LA", "zz.png", (GREY,) * 3),
        ("1", "zz.png", (255,) * 3),
        ("CMYK", "zz.jpg", COLOUR),
        ("YCbCr", "zz.jpg", COLOUR),
        ("LAB", "zz.tiff", (255,) * 3),
        ("I;16", "zz.png", (128,) * 3),
        ("F", "zz.tiff", (128,) * 3),
    ],
)
def test_every_mode_becomes_eight_bits(tmp_path: Path, mode: str, name: str, expected: tuple[float, ...]):
    _flat(mode).save(tmp_path / name)
    tolerance = 1 if Path(name).suffix in {".png", ".tiff", ".BMP"} else 12  # the others lose something
    colour = _one(tmp_path / name, 3).float()
    assert (colour.mean(dim=(1, 2)) - torch.tensor(expected)).abs().max() <= tolerance
    grey = _one(tmp_path / name, 1).float()
    luminance = sum(weight * value for weight, value in zip((0.299, 0.587, 0.114), expected, strict=True))
    assert grey.shape == (1, 16, 16)
    assert abs(float(grey.mean()) - luminance) <= tolerance


def test_transparency_shows_white(tmp_path: Path):
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "zz.png")
    assert _one(tmp_path / "zz.png").unique().tolist() == [255]


def test_small_integers_are_taken_as_eight_bits(tmp_path: Path):
    Image.fromarray(np.full((8, 8), 200, np.int32)).save(tmp_path / "zz.tiff")
    assert _one(tmp_path / "zz.tiff").unique().tolist() == [200]


def test_the_centre_is_kept(tmp_path: Path):
    pixels = np.zeros((16, 48, 3), np.uint8)
    pixels[:, 16:32] = 255
    Image.fromarray(pixels).save(tmp_path / "zz.png")
    assert _one(tmp_path / "zz.png").unique().tolist() == [255]


def test_exif_rotation_is_followed(tmp_path: Path):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 255  # the upper half is white
    exif = Image.Exif()
    exif[274] = 3  # upside down
    Image.fromarray(pixels).save(tmp_path / "zz.png", exif=exif)
    image = _one(tmp_path / "zz.png").float()
    assert float(image[:, :7].mean()) < 1
    assert float(image[:, 9:].mean()) > 254


def _exif(*entries: tuple[int, int, bytes]) -> bytes:
    """EXIF of tags, types (2 text, 3 short, 5 and 10 a rational without and with a sign, 13 no type) and values."""
    head, values, at = b"", b"", 8 + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        length = {2: len(value), 3: len(value) // 2}.get(kind, 1)
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", at + len(values))
        head += struct.pack("<HHI", tag, kind, length) + place
        values += value if len(value) > 4 else b""
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + head + bytes(4) + values


ORIENTATION, RESOLUTION = 0x0112, 0x011A
UPSIDE_DOWN = (ORIENTATION, 3, struct.pack("<H", 3))
NONSENSE = {
    "a signed rational": (RESOLUTION, 10, struct.pack("<ii", -1, 0)),
    "text": (RESOLUTION, 2, b"seventy-two\0"),
    "nothing over nothing": (RESOLUTION, 5, struct.pack("<II", 0, 0)),
    "no type": (RESOLUTION, 13, b"????"),
    "a place outside": (0x8769, 4, struct.pack("<I", 2**31)),
    "huge": (0x927C, 2, b"x" * 60_000),
}


@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_nonsense_in_exif_harms_neither_the_picture_nor_its_orientation(tmp_path: Path, what: str, ending: str):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 255  # the upper half is white
    Image.fromarray(pixels).save(tmp_path / f"photo{ending}", exif=_exif(UPSIDE_DOWN, NONSENSE[what]))
    image = _one(tmp_path / f"photo{ending}").float()
    assert image[:, :7].mean() < 2
    assert image[:, 9:].mean() > 253


def test_an_orientation_that_is_nonsense_leaves_the_picture_as_it_lies(tmp_path: Path):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 255
    for number, entry in enumerate([(ORIENTATION, 2, b"up\0\0\0\0"), (ORIENTATION, 3, b"\x63\0")]):
        Image.fromarray(pixels).save(tmp_path / f"{number}.jpg", exif=_exif(entry))
        assert _one(tmp_path / f"{number}.jpg").float()[:, :7].mean() > 253


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_that_of_pillow(tmp_path: Path, orientation: int):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    _noise(tmp_path / "a.png", size=16)
    Image.open(tmp_path / "a.png").save(tmp_path / "b.png", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "b.png")))
    assert torch.equal(_one(tmp_path / "b.png"), torch.from_numpy(expected.copy()).permute(2, 0, 1))


def test_pictures_of_one_pixel_of_a_line_and_of_several_frames(tmp_path: Path):
    Image.new("RGB", (1, 1), COLOUR).save(tmp_path / "dot.png")
    Image.new("RGB", (1, 3000), COLOUR).save(tmp_path / "line.png")
    first, *others = [Image.new("RGB", (20, 20), colour) for colour in (COLOUR, "black", "white")]
    for name in ("frames.gif", "frames.webp", "frames.png", "frames.tiff"):
        first.save(tmp_path / name, save_all=True, append_images=others)
    wrong = _noise(tmp_path / "jpeg.jpg").rename(tmp_path / "a jpeg called so.png")
    for path in tmp_path.iterdir():
        if path != wrong:
            assert (_one(path).float().mean(dim=(1, 2)) - torch.tensor(COLOUR)).abs().max() <= 12, path
    assert _one(wrong).shape == (3, 16, 16)


def test_a_palette_with_transparent_colours_shows_white(tmp_path: Path):
    image = Image.new("P", (20, 20), 1)
    image.putpalette([0, 0, 0, *COLOUR])
    image.save(tmp_path / "clear.png", transparency=bytes([255, 0]))
    assert _one(tmp_path / "clear.png").unique().tolist() == [255]


def test_sixteen_bits_of_either_order(tmp_path: Path):
    for name, order in (("little.tiff", "<u2"), ("big.tiff", ">u2"), ("grey.png", "<u2")):
        Image.fromarray(np.full((8, 8), 128 * 257, order)).save(tmp_path / name)
        assert _one(tmp_path / name).unique().tolist() == [128]


def test_the_digest_is_of_the_picture_and_not_of_the_file(tmp_path: Path):
    _noise(tmp_path / "a.png")
    picture = Image.open(tmp_path / "a.png")
    picture.save(tmp_path / "b.bmp")
    picture.save(tmp_path / "c.png", exif=_exif((ORIENTATION, 3, b"\1\0")), compress_level=1)
    picture.convert("L").save(tmp_path / "d.png")
    picture.convert("L").convert("RGB").save(tmp_path / "e.png")
    changed = np.asarray(picture).copy()
    changed[63, 63, 2] ^= 1
    Image.fromarray(changed).save(tmp_path / "f.png")
    for channels in (1, 3):
        digests = [picture.digest for picture in next(pictures(sorted(tmp_path.iterdir()), 16, channels))]
        assert [digests.index(digest) for digest in digests] == [0, 0, 0, 3, 3, 5]


def _break(path: Path, how: str) -> Path:
    content = _noise(path).read_bytes()
    match how:
        case "half":
            path.write_bytes(content[: len(content) // 2])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"this is no image")
        case "head":
            path.write_bytes(b"\x89PNG\r\n\x1a\n")
        case "gone":
            path.unlink()
    return path


@pytest.mark.parametrize(
    ("how", "name", "reason"),
    [
        ("half", "a.jpg", "image file is truncated"),
        ("half", "a.png", "image file is truncated"),
        ("half", "a.gif", "image file is truncated"),
        ("half", "a.bmp", "image file is truncated"),
        ("half", "a.webp", ""),
        ("empty", "a.png", r"\(the file is empty\)"),
        ("text", "a.png", r"\(the content is of no image format that is known\)"),
        ("head", "a.png", r"\(\w"),
        ("gone", "a.png", r"\(No such file or directory\)"),
    ],
)
def test_a_broken_image_is_named_with_the_reason(tmp_path: Path, how: str, name: str, reason: str):
    path = _break(tmp_path / name, how)
    with pytest.raises(Misuse, match=rf"{name} is not a readable image .*{reason}.*: repair or remove it$") as error:
        _one(path)
    assert str(error.value).count(str(path)) == 1


def test_whatever_pillow_raises_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Such as struct.error, which is no OSError and no ValueError: a TIFF's directory that ends too early, say."""
    path = _noise(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Misuse, match=r"a.png is not a readable image \(more than 179 million pixels: scale it down\)"):
        _one(path)
    monkeypatch.setitem(Image.OPEN, "PNG", (lambda *_: {}["depth"], Image.OPEN["PNG"][1]))
    with pytest.raises(Misuse, match=r"a.png is not a readable image \(KeyError: 'depth'\)"):
        _one(path)


def test_of_many_broken_images_all_are_counted_and_ten_named(tmp_path: Path):
    (tmp_path / "caf\udce9").mkdir()
    paths = [_noise(tmp_path / "caf\udce9" / f"{number:03d}.png", size=8) for number in range(300)]
    for path in paths[::20]:
        path.write_bytes(b"")
    with pytest.raises(Misuse) as caught:
        list(decoded(paths, 16, 3))
    words = str(caught.value)
    place = f"{tmp_path}/caf\\xe9"
    assert words.startswith(
        f"15 of 300 files in {place} are not readable images: 000.png (the file is empty), 020.png ("
    )
    assert words.endswith("180.png (the file is empty), and 5 more: repair or remove them")


def test_batches_come_in_order_and_are_decoded_when_asked_for(tmp_path: Path):
    paths = []
    for number in range(300):
        paths.append(tmp_path / f"{number:03d}.png")
        Image.fromarray(np.full((20, 30, 3), number % 200, np.uint8)).save(paths[-1])
    found = list(decoded(paths, 16, 3))
    assert [len(batch) for batch in found] == [256, 44]
    assert torch.cat(found)[:, 0, 0, 0].tolist() == [number % 200 for number in range(300)]
    assert torch.equal(torch.cat(list(decoded(paths[::-1], 16, 3))), torch.cat(found).flip(0))

    paths[299].write_bytes(b"no PNG")
    batches = decoded(paths, 16, 1)
    assert next(batches).shape == (256, 1, 16, 16)
    with pytest.raises(Misuse, match="299.png is not a readable image"):
        next(batches)


def test_sizes_and_colours_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    paths = [_noise(tmp_path / f"{size}.png", size=size) for size in (20, 30)]
    for _ in range(2):  # a dry run looks at them more than once
        list(decoded(paths, 16, 1))
    assert capsys.readouterr().err == (
        "note: images of 2 sizes (20 x 20 to 30 x 30), each brought to 16 x 16\n"
        "note: colour images, each brought to grey by its luminance\n"
    )
    Image.new("RGB", (40, 30)).save(tmp_path / "wide.png")
    list(decoded([*paths, tmp_path / "wide.png"], 16, 3))
    assert capsys.readouterr().err == (
        "note: images of 3 sizes (20 x 20 to 40 x 30), each cropped to a square and brought to 16 x 16\n"
    )


def test_a_pipe_is_not_waited_for_and_a_file_that_went_is_named(tmp_path: Path):
    os.mkfifo(tmp_path / "zz.png")
    with pytest.raises(Misuse, match=r"zz.png \(not a regular file\), gone.png \(No such file or directory\)"):
        list(pictures([tmp_path / "zz.png", tmp_path / "gone.png"], 16, 3))
