"""Paths whose bytes are no UTF-8 as text, and back."""

import os
from pathlib import Path

import pytest

from dcgan.common.path_text import as_text, from_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.png", "plain.png"),
        ("größe 图.png".encode(), "größe 图.png"),
        (b"caf\xe9.png", "caf\\xe9.png"),
        (b"\xff\xfe/caf\xe9", "\\xff\\xfe/caf\\xe9"),
        (rb"back\slash\x41", r"back\slash\x41"),
    ],
)
def test_there_and_back(tmp_path: Path, name: bytes, text: str):
    path = tmp_path / os.fsdecode(name)
    path.mkdir(parents=True)
    assert as_text(path) == f"{tmp_path}/{text}"
    assert as_text(as_text(path)) == as_text(path)
    assert from_text(Path(as_text(path))) == path
    as_text(path).encode()  # any file can hold it


def test_a_path_that_is_written_so_goes_before_one_that_is_meant(tmp_path: Path):
    written, meant = tmp_path / r"caf\xe9", tmp_path / "caf\udce9"
    meant.mkdir()
    assert from_text(written) == meant
    written.mkdir()
    assert from_text(written) == written
    assert from_text(tmp_path / r"nowhere\xe9") == tmp_path / r"nowhere\xe9"
