"""Which files of a folder are images, in which order, and what is said of the others."""

import errno
import os
from pathlib import Path

import pytest

from dcgan.common.errors import Misuse
from dcgan.data.picture_files import find


def _fill(folder: Path, count: int, ending: str = ".png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"image{number:03d}{ending}").write_bytes(b"")  # only names are looked at
    return folder


def test_other_files_are_counted_once_and_hidden_ones_are_not_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _fill(tmp_path, 20)
    for name in ("notes.txt", "list.csv", "Thumbs.db", "desktop.ini", "b.txt", "README"):
        (tmp_path / name).write_text("no image")
    for name in (".hidden.png", "._image000.png", ".DS_Store", ".thumbs/x.png", "__MACOSX/._image001.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no image either")
    assert len(find(tmp_path)) == len(find(tmp_path)) == 20
    told = "2 .txt, 1 .csv, 1 .db, 1 .ini, 1 no ending"
    words = capsys.readouterr().err
    assert words.startswith(f"{tmp_path}: 6 files that are not images are ignored (2 .txt, ")
    assert sorted(words.rstrip(")\n").partition("(")[2].split(", ")) == sorted(told.split(", "))
    assert words.count("\n") == 1


def test_what_a_camera_writes_and_nothing_here_opens_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _fill(tmp_path, 20)
    _fill(tmp_path, 3, ".HEIC")
    assert len(find(tmp_path)) == 20
    assert capsys.readouterr().err == (
        f"note: {tmp_path}: 3 .heic cannot be opened here: convert to JPEG or PNG to use them\n"
    )
    with pytest.raises(Misuse, match=r"has no images: at least 20 are needed; 30 \.cr2 cannot be opened here: convert"):
        find(_fill(tmp_path / "raw", 30, ".cr2"))


@pytest.mark.parametrize("ending", [".mpg", ".h5", ".hdf", ".grib", ".wmf", ".pdf", ".mp4"])
def test_what_pillow_knows_and_cannot_decode_is_no_image(tmp_path: Path, ending: str):
    _fill(tmp_path, 20)
    _fill(tmp_path, 1, ending)
    assert len(find(tmp_path)) == 20


def test_endings_in_any_case(tmp_path: Path):
    for ending in (".JPG", ".Jpeg", ".PNG", ".jfif", ".TIF", ".webp", ".avif"):
        _fill(tmp_path, 3, ending)
    assert len(find(tmp_path)) == 21


def test_links_are_followed_once(tmp_path: Path):
    _fill(tmp_path / "elsewhere", 20)
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(folder)
    assert list(find(folder)) == [f"linked/image{number:03d}.png" for number in range(20)]


def test_what_a_link_leads_to_twice_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _fill(tmp_path / "a", 10)
    _fill(tmp_path / "b", 10)
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "b" / "up").symlink_to("..")
    assert len(find(tmp_path)) == 20
    assert capsys.readouterr().err == (
        f"note: {tmp_path}: b/up/ is a link to the whole folder: it is left out\n"
        f"note: {tmp_path}: c/ is the same folder as a/: it is left out\n"
    )


def test_a_folder_without_images_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _fill(tmp_path / "train" / "cat", 20)
    (tmp_path / "val" / "cat").mkdir(parents=True)
    assert len(find(tmp_path)) == 20
    assert capsys.readouterr().err == f"note: {tmp_path}: val/ has no images\n"


def test_folders_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also for those who run the tests as root, who may read everything: the listing itself is refused."""
    _fill(tmp_path / "a", 20)
    closed = {str(_fill(tmp_path / name, 20)) for name in ("b", "c/d")}
    listed = os.scandir

    def refusing(path: str) -> object:
        if path in closed:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Misuse) as refused:
        find(tmp_path)
    assert str(refused.value) == (
        f"2 folders in {tmp_path} cannot be read (Permission denied): b/, c/d/: make them readable, or move them out"
    )
    closed.add(str(tmp_path))
    with pytest.raises(Misuse, match=rf"^{tmp_path} cannot be read \(Permission denied\)$"):
        find(tmp_path)


def test_names_that_are_no_utf8_are_kept_as_they_are(tmp_path: Path):
    _fill(tmp_path / "caf\udce9", 20)
    names = find(tmp_path)
    assert list(names) == [f"caf\udce9/image{number:03d}.png" for number in range(20)]
    assert all(path.is_file() for path in names.values())
