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
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, make) -> None:
    make(tmp_path / "x")
    for look in (
        regular_files.state,
        regular_files.opened,
        lambda path: regular_files.read(path, 10),
        regular_files.appended,
    ):
        with pytest.raises(OSError, match="not a regular file"):
            look(tmp_path / "x")
    with pytest.raises(DcganError, match="cannot read .*/x: not a regular file"):
        read_json(tmp_path / "x")


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
