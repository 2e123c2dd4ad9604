"""A folder of images is found by its fingerprint from everywhere on a machine, and by nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.data import load, resolve, whereabouts
from dcgan.experiment.sections import Data


def _fill(folder: Path, start: int = 0) -> None:
    folder.mkdir(parents=True)
    for number in range(20):
        pixels = np.full((16, 16, 3), start + number, dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")


PHOTOS = Data(name="folder", folder="photos", size=16)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    """`photos` of the folder `first`, resolved there; the working directory is `second` by now."""
    _fill(tmp_path / "first" / "photos")
    (tmp_path / "second").mkdir()
    monkeypatch.chdir(tmp_path / "first")
    resolved = resolve(PHOTOS)
    monkeypatch.chdir(tmp_path / "second")
    return resolved


def test_what_was_typed_stays_so_and_is_found_from_elsewhere(tmp_path: Path, typed: Data) -> None:
    assert typed.folder == "photos" and typed.fingerprint
    assert resolve(typed) == typed
    assert len(load(typed).images["train"]) == 14
    assert whereabouts.located(typed).folder == str(tmp_path / "first" / "photos")


def test_other_images_of_that_name_are_not_taken_for_them(tmp_path: Path, typed: Data) -> None:
    _fill(tmp_path / "second" / "photos", start=100)
    assert whereabouts.located(typed).folder == str(tmp_path / "first" / "photos")
    assert resolve(PHOTOS).fingerprint != typed.fingerprint


def test_a_folder_that_moved_is_asked_for_with_every_path_that_was_tried(tmp_path: Path, typed: Data) -> None:
    first, moved = tmp_path / "first" / "photos", tmp_path / "moved"
    shutil.move(first, moved)
    with pytest.raises(Misuse) as refusal:
        resolve(typed)
    assert str(refusal.value) == (
        f"data.folder=photos: no such folder ({tmp_path}/second/photos, {first}): say where its images are on this "
        "machine, with data.folder=PATH"
    )
    whereabouts.given(typed, "../moved")
    assert whereabouts.located(typed).folder == str(moved)


def test_a_folder_with_other_images_is_refused_when_it_is_given(tmp_path: Path, typed: Data) -> None:
    _fill(tmp_path / "other", start=100)
    with pytest.raises(Misuse, match=rf"other images than those .* fingerprint is {typed.fingerprint}: give the"):
        whereabouts.given(typed, "../other")
    with pytest.raises(Misuse, match=r"data\.folder=\.\./none: no such folder"):
        whereabouts.given(typed, "../none")
    with pytest.raises(Misuse, match=r"those of data\.name=digits, not of a folder"):
        whereabouts.given(Data(name="digits", size=16), "../other")


def test_images_that_changed_are_not_found_anywhere(tmp_path: Path, typed: Data) -> None:
    (tmp_path / "first" / "photos" / "00.png").unlink()
    _fill(tmp_path / "first" / "photos" / "more")
    with pytest.raises(Misuse, match=r"are not those of data\.fingerprint=.*elsewhere by now: data\.folder=PATH"):
        resolve(typed)


def test_without_a_fingerprint_only_the_working_directory_counts(tmp_path: Path, typed: Data) -> None:
    with pytest.raises(
        Misuse, match=rf"\({tmp_path}/second/photos\); before it was data\.folder={tmp_path}/first/photos"
    ):
        resolve(PHOTOS)
    assert whereabouts.fingerprints("photos") == [typed.fingerprint]


@pytest.mark.parametrize("name", ["a" * 300, "\\xe9" * 300])
def test_a_name_that_no_folder_can_have_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misuse, match=r"^data\.folder=.*: no such folder \(file name too long\) \(/"):
        resolve(Data(name="folder", folder=name, size=16))


def test_a_list_that_is_damaged_or_cannot_be_written_is_none(tmp_path: Path, typed: Data) -> None:
    kept = paths.cache() / "folders.json"
    kept.write_text("{", encoding="utf-8")
    with pytest.raises(Misuse, match="no such folder"):
        resolve(typed)
    kept.unlink()
    kept.mkdir()
    assert resolve(typed.model_copy(update={"folder": "../first/photos"})).fingerprint == typed.fingerprint
    assert whereabouts.seen() == []


def test_a_recorded_text_has_no_path(tmp_path: Path, typed: Data) -> None:
    text = f"{tmp_path}/first/photos/00.png is broken, and there is no {tmp_path}/second/photos"
    assert whereabouts.without_paths(text, typed) == "photos/00.png is broken, and there is no photos"


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path / "user" / "photos")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    assert resolve(Data(name="folder", folder="~/photos", size=16)).folder == "~/photos"
    assert whereabouts.seen() == [str(tmp_path / "user" / "photos")]
