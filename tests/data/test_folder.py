"""A folder of images as a data set: what is read, how it is brought to one size, and the fingerprint of it."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.data import folder as folders
from dcgan.data import load, resolve
from dcgan.data.folder import decoded, pictures, read
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data
from dcgan.runs.run import run_trial

GREY = 0.299 * 200 + 0.587 * 100 + 0.114 * 50  # luminance of the colour below
COLOUR = (200, 100, 50)


def _fill(folder: Path, count: int, prefix: str = "image") -> Path:
    """That many distinct grey PNGs of different sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = np.full((20 + number, 30, 3), number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{prefix}{number:03d}.png")
    return folder


def _data(folder: Path, **changes) -> Data:
    return Data(**{"name": "folder", "folder": str(folder), "size": 16, **changes})


def _only(folder: Path, name: str, channels: int = 3) -> torch.Tensor:
    """The one image of that name, decoded among others."""
    images, _, _ = read(_data(folder, channels=channels), channels)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    return images[names.index(name)]


def test_images_of_mixed_sizes_in_the_order_of_their_names(tmp_path: Path):
    images, labels, classes = read(_data(_fill(tmp_path, 25)), 3)
    assert images.shape == (25, 3, 16, 16)
    assert images[:, 0, 8, 8].tolist() == list(range(25))
    assert (labels, classes) == (None, ())


def test_splits_of_a_folder(tmp_path: Path):
    dataset = load(_data(_fill(tmp_path, 40)))
    assert {split: len(of) for split, of in dataset.images.items()} == {"train": 28, "validation": 4, "test": 8}
    values = torch.cat([of[:, 0, 0, 0] for of in dataset.images.values()])
    assert sorted(values.tolist()) == list(range(40))


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
    _fill(tmp_path, 20)
    _flat(mode).save(tmp_path / name)
    tolerance = 1 if Path(name).suffix in {".png", ".tiff", ".BMP"} else 12  # the others lose something
    colour = _only(tmp_path, name, 3).float()
    assert (colour.mean(dim=(1, 2)) - torch.tensor(expected)).abs().max() <= tolerance
    grey = _only(tmp_path, name, 1).float()
    luminance = sum(weight * value for weight, value in zip((0.299, 0.587, 0.114), expected, strict=True))
    assert grey.shape == (1, 16, 16)
    assert abs(float(grey.mean()) - luminance) <= tolerance


def test_transparency_shows_white(tmp_path: Path):
    _fill(tmp_path, 20)
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "zz.png")
    assert _only(tmp_path, "zz.png").unique().tolist() == [255]


def test_small_integers_are_taken_as_eight_bits(tmp_path: Path):
    _fill(tmp_path, 20)
    Image.fromarray(np.full((8, 8), 200, np.int32)).save(tmp_path / "zz.tiff")
    assert _only(tmp_path, "zz.tiff").unique().tolist() == [200]


def test_the_centre_is_kept(tmp_path: Path):
    _fill(tmp_path, 20)
    pixels = np.zeros((16, 48, 3), np.uint8)
    pixels[:, 16:32] = 255
    Image.fromarray(pixels).save(tmp_path / "zz.png")
    assert _only(tmp_path, "zz.png").unique().tolist() == [255]


def test_exif_rotation_is_followed(tmp_path: Path):
    _fill(tmp_path, 20)
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 255  # the upper half is white
    exif = Image.Exif()
    exif[274] = 3  # upside down
    Image.fromarray(pixels).save(tmp_path / "zz.png", exif=exif)
    image = _only(tmp_path, "zz.png").float()
    assert float(image[:, :7].mean()) < 1
    assert float(image[:, 9:].mean()) > 254


def test_immediate_subfolders_are_classes(tmp_path: Path):
    _fill(tmp_path / "cat", 12)
    _fill(tmp_path / "dog" / "big", 10)
    _, labels, classes = read(_data(tmp_path), 3)
    assert classes == ("cat", "dog")
    assert labels.tolist() == [0] * 12 + [1] * 10


@pytest.mark.parametrize("loose", [True, False])
def test_no_classes_with_loose_images_or_a_single_subfolder(tmp_path: Path, loose: bool):
    _fill(tmp_path / "all", 20)
    if loose:
        _fill(tmp_path / "more", 5)
        _fill(tmp_path, 1)
    assert read(_data(tmp_path), 3)[1:] == (None, ())


def test_other_files_are_counted_and_hidden_ones_are_not_seen(tmp_path: Path, capsys):
    _fill(tmp_path, 20)
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "list.csv").write_text("a,b")
    (tmp_path / ".hidden.png").write_bytes(b"no image either")
    (tmp_path / ".thumbs").mkdir()
    (tmp_path / ".thumbs" / "x.png").write_bytes(b"nor this")
    assert len(read(_data(tmp_path), 3)[0]) == 20
    assert capsys.readouterr().err == (
        f"{tmp_path}: 2 files that are not images are ignored\n"
        "note: images of 20 sizes (30 x 20 to 30 x 39), each cropped to a square and brought to 16 x 16\n"
    )


def test_links_are_followed_once(tmp_path: Path):
    _fill(tmp_path / "elsewhere", 20)
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(folder)
    assert len(read(_data(folder), 3)[0]) == 20


@pytest.mark.parametrize("content", [b"this is no PNG", b"\x89PNG\r\n\x1a\n"])
def test_a_broken_image_is_named(tmp_path: Path, content: bytes):
    _fill(tmp_path, 20)
    (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(Misuse, match="broken.png is not a readable image"):
        load(_data(tmp_path))


def test_a_truncated_image_is_named(tmp_path: Path):
    _fill(tmp_path, 20)
    noise = np.random.RandomState(0).randint(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "cut.jpg")
    whole = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Misuse, match="cut.jpg is not a readable image"):
        load(_data(tmp_path))


def test_empty_small_and_missing_folders(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for ask in (load, resolve):
        with pytest.raises(Misuse, match="empty has no images: at least 20"):
            ask(_data(tmp_path / "empty"))
        with pytest.raises(Misuse, match="few has 19 images: at least 20"):
            ask(_data(_fill(tmp_path / "few", 19)))
        with pytest.raises(Misuse, match="no such folder"):
            ask(_data(tmp_path / "nowhere"))
        with pytest.raises(Misuse, match="not a folder"):
            ask(_data(tmp_path / "file"))


def test_fingerprint_follows_names_and_contents(tmp_path: Path):
    folder = _fill(tmp_path / "images", 20)
    first = resolve(_data(folder)).fingerprint
    assert resolve(_data(folder, size=32)).fingerprint == first
    assert resolve(_data(_fill(tmp_path / "copy", 20))).fingerprint == first
    (folder / "image000.png").rename(folder / "renamed.png")
    renamed = resolve(_data(folder)).fingerprint
    (folder / "image001.png").write_bytes((folder / "image002.png").read_bytes())
    assert len({first, renamed, resolve(_data(folder)).fingerprint}) == 3


def test_images_that_changed_since_are_refused(tmp_path: Path):
    resolved = resolve(_data(_fill(tmp_path, 20)))
    assert resolve(resolved) == resolved
    _fill(tmp_path, 1, prefix="new")
    with pytest.raises(Misuse, match="not those of data.fingerprint"):
        resolve(resolved)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read for a fingerprint, as they are read."""
    paths: list[Path] = []
    read_bytes = folders._bytes

    def reading(path: Path) -> bytes:
        paths.append(path)
        return read_bytes(path)

    monkeypatch.setattr(folders, "_bytes", reading)
    return paths


def test_two_trials_of_a_process_read_the_files_once(tmp_path: Path, tiny: Experiment, readings: list[Path]):
    folder = _fill(tmp_path / "images", 30)
    # 21 images to train on, one step of them.
    changes = {"data.name": "folder", "data.folder": str(folder), "budget.epochs": 1, "budget.images_per_epoch": 20}
    records = [run_trial(tiny.with_({**changes, "seed": seed})) for seed in (1, 2)]
    assert [record.status for record in records] == ["finished", "finished"]
    assert sorted(readings) == sorted(folder.iterdir())


def test_a_file_that_changed_is_noticed_by_the_next_trial(tmp_path: Path, readings: list[Path]):
    """Though its size and its time of modification are as before."""
    folder = _fill(tmp_path / "images", 20)
    first = resolve(_data(folder))
    changed = folder / "image003.png"
    before, content = changed.stat(), changed.read_bytes()
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (changed.stat().st_size, changed.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    with pytest.raises(Misuse, match="not those of data.fingerprint"):
        resolve(first)
    changed.write_bytes(content)
    assert resolve(first) == first
    assert len(readings) == 3 * 20


def test_folders_do_not_share_a_fingerprint(tmp_path: Path, readings: list[Path]):
    one, other = (_data(_fill(tmp_path / name, count)) for name, count in (("one", 20), ("other", 21)))
    assert resolve(one).fingerprint != resolve(other).fingerprint
    assert resolve(one).fingerprint != resolve(other).fingerprint
    assert len(readings) == 20 + 21


def test_pictures_come_in_the_order_of_their_paths_as_batches(tmp_path: Path):
    """Of mixed sizes, as `read` has them; a batch is decoded when it is asked for and not before."""
    _fill(tmp_path / "b", 200)
    _fill(tmp_path / "a", 200)
    (tmp_path / "notes.txt").write_text("no image")
    paths = pictures(_data(tmp_path))
    assert paths == sorted(tmp_path.rglob("*.png"))
    found = list(decoded(paths, 16, 3))
    assert [len(batch) for batch in found] == [256, 144]
    assert torch.equal(torch.cat(found), read(_data(tmp_path), 3)[0])
    assert torch.cat(list(decoded(paths[::-1], 16, 3)))[:, 0, 0, 0].tolist() == 2 * list(range(199, -1, -1))

    paths[300].write_bytes(b"no PNG")
    batches = decoded(paths, 16, 1)
    assert next(batches).shape == (256, 1, 16, 16)
    with pytest.raises(Misuse, match=f"{paths[300].name} is not a readable image"):
        next(batches)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_are_one_line(tmp_path: Path, count: int):
    with pytest.raises(Misuse, match=f"has {count or 'no'} images?: at least 20 are needed") as caught:
        pictures(_data(_fill(tmp_path, count)))
    assert "\n" not in str(caught.value)
