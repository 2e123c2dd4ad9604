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
from dcgan.runs.run import run_trial
from tests.data.image_folders import described, fill


def _only(folder: Path, name: str, channels: int = 3) -> torch.Tensor:
    """The one image of that name, decoded among others."""
    images = read(described(folder, channels=channels), channels).images
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    return images[names.index(name)]


def test_images_of_mixed_sizes_in_the_order_of_their_names(tmp_path: Path):
    images, labels, classes, _ = read(described(fill(tmp_path, 25)), 3)
    assert images.shape == (25, 3, 16, 16)
    assert images[:, 0, 8, 8].tolist() == list(range(25))
    assert (labels, classes) == (None, ())


def test_splits_of_a_folder(tmp_path: Path):
    dataset = load(described(fill(tmp_path, 40)))
    assert {split: len(of) for split, of in dataset.images.items()} == {"train": 28, "validation": 4, "test": 8}
    values = torch.cat([of[:, 0, 0, 0] for of in dataset.images.values()])
    assert sorted(values.tolist()) == list(range(40))


def test_immediate_subfolders_are_classes(tmp_path: Path):
    fill(tmp_path / "cat", 12)
    fill(tmp_path / "dog" / "big", 10, first=12)
    _, labels, classes, _ = read(described(tmp_path), 3)
    assert classes == ("cat", "dog")
    assert labels.tolist() == [0] * 12 + [1] * 10


@pytest.mark.parametrize("loose", [True, False])
def test_no_classes_with_loose_images_or_a_single_subfolder(tmp_path: Path, loose: bool):
    fill(tmp_path / "all", 20)
    if loose:
        fill(tmp_path / "more", 5)
        fill(tmp_path, 1)
    assert read(described(tmp_path), 3)[1:3] == (None, ())


def test_empty_small_and_missing_folders(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for ask in (load, resolve):
        with pytest.raises(Misuse, match="empty has no images: at least 20"):
            ask(described(tmp_path / "empty"))
        with pytest.raises(Misuse, match="few has 19 images: at least 20"):
            ask(described(fill(tmp_path / "few", 19)))
        with pytest.raises(Misuse, match="no such folder"):
            ask(described(tmp_path / "nowhere"))
        with pytest.raises(Misuse, match="not a folder"):
            ask(described(tmp_path / "file"))


def test_fingerprint_follows_names_and_contents(tmp_path: Path):
    folder = fill(tmp_path / "images", 20)
    first = resolve(described(folder)).fingerprint
    assert resolve(described(folder, size=32)).fingerprint == first
    assert resolve(described(fill(tmp_path / "copy", 20))).fingerprint == first
    (folder / "image000.png").rename(folder / "renamed.png")
    renamed = resolve(described(folder)).fingerprint
    (folder / "image001.png").write_bytes((folder / "image002.png").read_bytes())
    assert len({first, renamed, resolve(described(folder)).fingerprint}) == 3


def test_images_that_changed_since_are_refused(tmp_path: Path):
    resolved = resolve(described(fill(tmp_path, 20)))
    assert resolve(resolved) == resolved
    fill(tmp_path, 1, prefix="new")
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
    folder = fill(tmp_path / "images", 30)
    # 21 images to train on, one step of them.
    changes = {"data.name": "folder", "data.folder": str(folder), "budget.epochs": 1, "budget.images_per_epoch": 20}
    records = [run_trial(tiny.with_({**changes, "seed": seed})) for seed in (1, 2)]
    assert [record.status for record in records] == ["finished", "finished"]
    assert sorted(readings) == sorted(folder.iterdir())


def test_a_file_that_changed_is_noticed_by_the_next_trial(tmp_path: Path, readings: list[Path]):
    """Though its size and its time of modification are as before."""
    folder = fill(tmp_path / "images", 20)
    first = resolve(described(folder))
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
    one, other = (described(fill(tmp_path / name, count)) for name, count in (("one", 20), ("other", 21)))
    assert resolve(one).fingerprint != resolve(other).fingerprint
    assert resolve(one).fingerprint != resolve(other).fingerprint
    assert len(readings) == 20 + 21


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_are_one_line(tmp_path: Path, count: int):
    with pytest.raises(Misuse, match=f"has {count or 'no'} images?: at least 20 are needed") as caught:
        pictures(described(fill(tmp_path, count)))
    assert "\n" not in str(caught.value)


def test_a_link_to_nothing_is_named(tmp_path: Path):
    fill(tmp_path, 20)
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Misuse, match=r"gone.png is not a readable image \(No such file or directory\)"):
        resolve(described(tmp_path))


@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_no_image_and_is_not_waited_for(tmp_path: Path, linked: bool):
    folder = fill(tmp_path / "images", 20)
    pipe = tmp_path / "pipe" if linked else folder / "zz.png"
    os.mkfifo(pipe)
    if linked:
        (folder / "zz.png").symlink_to(pipe)
    with pytest.raises(Misuse, match=r"zz.png is not a readable image \(not a regular file\)"):
        resolve(described(folder))


def test_the_fingerprint_and_the_splits_of_an_ordinary_folder_are_those_of_the_first_version(tmp_path: Path):
    """As commit fd0e6c9 has them; of BMPs, whose bytes are the same everywhere."""
    for number in range(30):
        place = tmp_path / ("cat", "dög")[number % 2] / f"{number:02d}.bmp"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((16, 16, 3), number, np.uint8)).save(place)
    data = resolve(described(tmp_path))
    assert data.fingerprint == "bca2165e93d9a1c9"
    assert load(data).fingerprint == "bd809070bda51ba7"
