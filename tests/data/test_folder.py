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
from dcgan.data.folder import pictures, read
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data
from dcgan.runs.run import run_trial

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
    images = read(_data(folder, channels=channels), channels).images
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    return images[names.index(name)]


def test_images_of_mixed_sizes_in_the_order_of_their_names(tmp_path: Path):
    images, labels, classes, _ = read(_data(_fill(tmp_path, 25)), 3)
    assert images.shape == (25, 3, 16, 16)
    assert images[:, 0, 8, 8].tolist() == list(range(25))
    assert (labels, classes) == (None, ())


def test_splits_of_a_folder(tmp_path: Path):
    dataset = load(_data(_fill(tmp_path, 40)))
    assert {split: len(of) for split, of in dataset.images.items()} == {"train": 28, "validation": 4, "test": 8}
    values = torch.cat([of[:, 0, 0, 0] for of in dataset.images.values()])
    assert sorted(values.tolist()) == list(range(40))


def test_immediate_subfolders_are_classes(tmp_path: Path):
    _fill(tmp_path / "cat", 12)
    _fill(tmp_path / "dog" / "big", 10)
    _, labels, classes, _ = read(_data(tmp_path), 3)
    assert classes == ("cat", "dog")
    assert labels.tolist() == [0] * 12 + [1] * 10


@pytest.mark.parametrize("loose", [True, False])
def test_no_classes_with_loose_images_or_a_single_subfolder(tmp_path: Path, loose: bool):
    _fill(tmp_path / "all", 20)
    if loose:
        _fill(tmp_path / "more", 5)
        _fill(tmp_path, 1)
    assert read(_data(tmp_path), 3)[1:3] == (None, ())


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


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_are_one_line(tmp_path: Path, count: int):
    with pytest.raises(Misuse, match=f"has {count or 'no'} images?: at least 20 are needed") as caught:
        pictures(_data(_fill(tmp_path, count)))
    assert "\n" not in str(caught.value)
