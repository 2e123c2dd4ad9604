"""A folder of images by what it holds: names that are no UTF-8, copies of a picture, splits."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.data import folder as folders
from dcgan.data import load, picture_files, resolve
from dcgan.data.dataset import Dataset, split_off
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from tests.data.image_folders import described, fill

# Names that are no UTF-8.


@pytest.mark.slow
def test_names_that_are_no_utf8(tmp_path: Path, tiny: Experiment, shared_extractor: None):
    """From the folder's own name to the classes' in the record, and again from what was recorded."""
    folder = tmp_path / "photos \udce9"
    for number, name in enumerate(("caf\udce9", "tee")):
        fill(folder / name, 40, first=40 * number)
        (folder / name / f"image{40 * number:03d}.png").rename(folder / name / "\udcff.png")
    changes = {"data.name": "folder", "data.folder": str(folder), "budget.epochs": 1, "score.extractor": "classifier"}
    experiment = tiny.with_({**changes, "budget.images_per_epoch": 20})
    assert experiment.data.folder == f"{tmp_path}/photos \\xe9"
    assert load(experiment.data).classes == ("caf\\xe9", "tee")
    record = run_trial(experiment)
    assert record.status == "finished"
    recorded = RunDirectory.find(record.id).experiment()
    assert recorded.data.folder == experiment.data.folder
    assert run_trial(recorded) == record
    json.dumps(record.to_json(), ensure_ascii=False).encode()


def test_a_broken_file_whose_name_is_no_utf8_is_named(tmp_path: Path):
    fill(tmp_path, 20)
    (tmp_path / "caf\udce9.png").write_bytes(b"")
    with pytest.raises(Misuse, match=r"caf\\xe9.png is not a readable image \(the file is empty\)"):
        resolve(described(tmp_path))


# Copies of a picture.


def _copy(folder: Path, numbers: range) -> None:
    """As BMP, which has the same pixels in other bytes."""
    for number in numbers:
        Image.open(folder / f"image{number:03d}.png").save(folder / f"copy{number:03d}.bmp")


def _pictures(dataset: Dataset) -> dict[str, set[int]]:
    """The grey values that each split has, which are all different but for copies."""
    return {split: set(images[:, 0, 0, 0].tolist()) for split, images in dataset.images.items()}


def test_copies_are_counted_and_kept_in_one_split(tmp_path: Path, capsys):
    folder = fill(tmp_path / "images", 60)
    before = resolve(described(folder))
    _copy(folder, range(0, 60, 2))
    data = resolve(described(folder))
    assert data.fingerprint != before.fingerprint
    dataset = load(data)
    found = _pictures(dataset)
    assert sum(map(len, found.values())) == len(set.union(*found.values())) == 60
    assert sum(len(images) for images in dataset.images.values()) == 90
    assert f"note: {folder}: 30 of 90 images are exact copies of others: copies are kept in one split\n" in (
        capsys.readouterr().err
    )


def test_a_folder_with_copies_that_was_recorded_before_is_split_as_it_was(tmp_path: Path, capsys):
    folder = fill(tmp_path / "images", 60)
    _copy(folder, range(60))
    content = folders._fingerprint(folder, picture_files.find(folder))  # as the first version gave it
    recorded = described(folder, fingerprint=content)
    assert resolve(recorded) == recorded
    assert resolve(described(folder)).fingerprint != content
    dataset = load(recorded)
    expected = split_off(120, {"validation": 0.1, "test": 0.2})
    assert {split: len(images) for split, images in dataset.images.items()} == {
        split: len(numbers) for split, numbers in expected.items()
    }
    found = _pictures(dataset)
    assert found["train"] & found["test"]
    assert "they are split as when this was begun, copies on both sides" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "words"), [(1, "all 60 images are alike"), (7, "60 images show 7 different pict")])
def test_a_folder_of_hardly_anything_but_copies_is_refused(tmp_path: Path, count: int, words: str):
    fill(tmp_path / "images", count)
    for number in range(count, 60):
        source = tmp_path / "images" / f"image{number % count:03d}.png"
        (tmp_path / "images" / f"more{number}.png").write_bytes(source.read_bytes())
    with pytest.raises(Misuse, match=f"{words}.*: at least 20 different ones are needed"):
        load(resolve(described(tmp_path / "images")))


def test_files_are_decoded_once_for_copies_and_for_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = fill(tmp_path / "images", 25, first=150)  # no other test has seen these
    opened: list[object] = []
    original = Image.open

    def opening(file: BinaryIO, formats: Sequence[str]) -> Image.Image:
        opened.append(file)
        return original(file, formats=formats)

    monkeypatch.setattr(Image, "open", opening)
    data = resolve(described(folder))
    assert len(opened) == 25
    load(data)
    assert resolve(described(folder)) == data
    assert len(opened) == 25


# Splits.


def test_folders_that_are_splits(tmp_path: Path, capsys):
    for number, split in enumerate(("train", "Val", "test")):
        for kind, name in enumerate(("cat", "dog")):
            fill(tmp_path / "images" / split / name, 10, first=60 * kind + 20 * number)
    data = resolve(described(tmp_path / "images"))
    dataset = load(data)
    assert dataset.classes == ("cat", "dog")
    assert {split: of.bincount().tolist() for split, of in dataset.labels.items()} == {
        "train": [10, 10], "validation": [10, 10], "test": [10, 10],
    }  # fmt: skip
    found = _pictures(dataset)
    assert found["validation"] == {*range(20, 30), *range(80, 90)}
    told = "train/ is the train split (20), Val/ is the validation split (20), test/ is the test split (20)"
    assert f"note: {tmp_path / 'images'}: {told}\n" in capsys.readouterr().err


def test_of_two_splits_a_third_is_made(tmp_path: Path, capsys):
    fill(tmp_path / "images" / "train", 40)
    fill(tmp_path / "images" / "val", 20, first=40)
    dataset = load(described(tmp_path / "images"))
    assert dataset.labels is None
    assert _pictures(dataset)["test"] == set(range(40, 60))
    assert {split: len(images) for split, images in dataset.images.items()} == {
        "train": 36, "validation": 4, "test": 20,
    }  # fmt: skip
    told = "train/ is the train split (36), a tenth of train/ is the validation split (4), val/ is the test split (20)"
    told += f"\nnote: {tmp_path / 'images'}: few images (4 in validation): scores on fewer than 20 say hardly anything"
    assert told in capsys.readouterr().err


def test_a_split_that_is_too_small_to_score_with_is_refused_and_goes_on_where_it_was_begun(tmp_path: Path, capsys):
    folder = tmp_path / "images"
    fill(folder / "train", 60)
    fill(folder / "val", 2, first=60)
    with pytest.raises(Misuse, match=rf"^{folder}: val/ would be a split, and has 2 images: at least 20 are needed in"):
        resolve(described(folder))
    begun = folders._named(folders._fingerprint(folder, picture_files.find(folder)), "splits")
    assert len(load(described(folder, fingerprint=begun)).images["test"]) == 2
    assert "few images (6 in validation, 2 in test): scores on fewer than 20" in capsys.readouterr().err


def test_copies_in_several_classes_are_counted(tmp_path: Path, capsys):
    for name in ("cat", "dog", "cow"):
        fill(tmp_path / "images" / name, 4)
    fill(tmp_path / "images" / "cat", 20, first=100)
    _copy(tmp_path / "images" / "cat", range(100, 105))
    assert load(described(tmp_path / "images")).classes == ("cat", "cow", "dog")
    told = (
        "13 of 37 images are exact copies of others: copies are kept in one split; 8 of them are in several classes\n"
    )
    assert told in capsys.readouterr().err


def test_what_is_not_as_it_seems_is_said_before_anything_is_read(tmp_path: Path, capsys):
    folder = tmp_path / "images"
    fill(folder / "cat", 20)
    fill(folder / "dog", 20, first=20)
    fill(folder, 1, prefix="stray", first=50)
    resolve(described(folder))
    note = f"note: {folder}: 1 image beside the class folders (stray050.png): no classes are used; move it into one"
    assert note in capsys.readouterr().err
    fill(tmp_path / "three" / "train", 20)
    fill(tmp_path / "three" / "training", 20, first=20)
    fill(tmp_path / "three" / "val", 20, first=40)
    with pytest.raises(Misuse, match=rf"^{tmp_path}/three: train/, training/ and val/ .* train/ and training/ are the"):
        resolve(described(tmp_path / "three"))


def test_splits_recorded_as_classes_stay_classes(tmp_path: Path, capsys):
    folder = tmp_path / "images"
    fill(folder / "train", 20)
    fill(folder / "val", 20, first=20)
    content = folders._fingerprint(folder, picture_files.find(folder))
    assert resolve(described(folder)).fingerprint != content
    assert load(described(folder, fingerprint=content)).classes == ("train", "val")
    assert f"note: {folder}: train/ and val/ are taken for classes, as when this was begun\n" in capsys.readouterr().err


def test_a_training_split_that_is_all_in_the_test_is_refused(tmp_path: Path):
    for split in ("train", "test"):
        fill(tmp_path / "images" / split, 20)
    with pytest.raises(Misuse, match=r"no image is left of train/: other splits have copies of all of them"):
        load(described(tmp_path / "images"))
