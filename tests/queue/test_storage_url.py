"""Where the URL of a storage may be written, and where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.common.errors import Misuse
from dcgan.queue.storage import storage_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@host/x",
        "postgresql://host/x?user=me&password=secret",
        "nosuch ://me:secret@host/x",
        "postgresql://h/x?sslpassword=secret",
        "host=h password=secret",
        "postgresql:me:secret@h",
    ],
)
def test_a_password_on_the_command_line_is_refused_with_the_other_ways(url: str) -> None:
    with pytest.raises(Misuse, match="a password on the command line") as refusal:
        storage_url(url)
    assert "secret" not in str(refusal.value)
    for way in ("DCGAN_STORAGE", "--storage @FILE", "~/.pgpass"):
        assert way in str(refusal.value)


def test_a_password_in_the_environment_or_in_a_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://me:secret@host/x"
    monkeypatch.setenv("DCGAN_STORAGE", url)
    assert storage_url(None) == url
    (tmp_path / "url").write_text(f"{url}\n")
    monkeypatch.delenv("DCGAN_STORAGE")
    assert storage_url(f"@{tmp_path / 'url'}") == url


@pytest.mark.parametrize(
    "url", ["postgresql://me@host/x", "postgresql://me@host/x?sslmode=require", "grpc://host:13000"]
)
def test_a_url_without_a_password_is_taken_as_it_is(url: str) -> None:
    assert storage_url(url) == url


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "cannot be read \\(No such file or directory\\)"), ("", "expected one line"), ("a b", "expected one line")],
)
def test_a_file_that_holds_no_url(tmp_path: Path, content: str | None, complaint: str) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Misuse, match=complaint):
        storage_url(f"@{file}")
