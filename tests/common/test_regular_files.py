"""Files of strangers: regular ones alone, of a bounded size."""

import os
from pathlib import Path

import pytest

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import locked, read_json


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_pipe, _endless, _folder])
@pytest.mark.usefixtures("at_once")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, make) -> None:
    make(tmp_path / "x")
    for look in (
        regular_files.state,
        regular_files.opened,
        lambda path: regular_files.read(path, 10),
        regular_files.appended,
        regular_files.emptied,
        regular_files.changed,
        lambda path: regular_files.end(path, 10),
    ):
        with pytest.raises(OSError, match="not a regular file"):
            look(tmp_path / "x")
    with pytest.raises(DcganError, match="cannot read .*/x: not a regular file"):
        read_json(tmp_path / "x")


@pytest.mark.usefixtures("at_once")
def test_a_file_that_became_a_pipe_meanwhile_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    os.mkfifo(tmp_path / "x")
    monkeypatch.setattr(regular_files, "state", lambda path: None)
    with pytest.raises(OSError, match="not a regular file"):
        regular_files.opened(tmp_path / "x")


def test_no_more_is_read_than_allowed(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"0123456789")
    assert regular_files.read(file, 10) == b"0123456789"
    with pytest.raises(OSError, match="too large: at most 9 bytes are read"):
        regular_files.read(file, 9)
    with file.open("r+b") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(DcganError, match="cannot read .*: too large: at most 16 MiB are read"):
        read_json(file)


def test_what_is_added_stands_at_the_end(tmp_path: Path) -> None:
    for part in (b"one", b"two"):
        with regular_files.appended(tmp_path / "x") as file:
            file.write(part)
    assert (tmp_path / "x").read_bytes() == b"onetwo"
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(DcganError, match="cannot lock .*/pipe: not a regular file"),
        locked(tmp_path / "pipe", wait=True),
    ):
        pass


def test_text_has_one_kind_of_line_end(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("é\r\nb\rc\n".encode())
    assert regular_files.read_text(tmp_path / "x", 99) == "é\nb\nc\n"


@pytest.mark.parametrize("opened", [regular_files.appended, regular_files.emptied, regular_files.changed])
def test_nothing_is_written_through_a_link(tmp_path: Path, opened) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "link").symlink_to(precious)
    (tmp_path / "leading nowhere").symlink_to(tmp_path / "new")
    for name in ("link", "leading nowhere"):
        with pytest.raises(OSError, match="it is a link, and nothing is written through one: delete it, or put"):
            opened(tmp_path / name)
    assert precious.read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_folders_before_a_file_may_be_links(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "disk")
    with regular_files.emptied(tmp_path / "runs" / "x") as file:
        file.write(b"abc")
    with regular_files.changed(tmp_path / "runs" / "x") as file:
        file.write(b"A")
        assert file.read() == b"bc"
    assert (tmp_path / "disk" / "x").read_bytes() == b"Abc"
    with regular_files.emptied(tmp_path / "runs" / "x"):
        pass
    assert (tmp_path / "disk" / "x").read_bytes() == b""


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (99, b"one\ntwo\nthree"),
        (13, b"one\ntwo\nthree"),
        (12, b"two\nthree"),
        (9, b"two\nthree"),
        (8, b"three"),
        (3, b""),
    ],
)
def test_the_end_of_a_file_begins_with_a_whole_line(tmp_path: Path, most: int, lines: bytes) -> None:
    (tmp_path / "log").write_bytes(b"one\ntwo\nthree")
    assert regular_files.end(tmp_path / "log", most) == lines
