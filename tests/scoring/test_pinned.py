"""Digests that nobody publishes: kept at first use."""

from pathlib import Path

import pytest

from dcgan.common.errors import DcganError
from dcgan.scoring import pinned

URL = "https://example.org/weights.pth"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "dcgan"


def test_the_first_digest_is_kept_and_said_once(capsys) -> None:
    path = Path("weights.pth")
    assert pinned.digest(URL, "aa", path) == "aa"
    assert "weights.pth: no SHA-256 of it is published; its own, aa, is kept" in capsys.readouterr().err
    assert pinned.digest(URL, "aa", path) == "aa"
    assert pinned.digest(URL, "bb", path) == "aa"
    assert capsys.readouterr().err == ""
    assert pinned.digest(f"{URL}.other", "cc", path) == "cc"


@pytest.mark.parametrize("content", ['{"https://example.org/weights.pth": 3}', "[", "[]"])
def test_a_damaged_list_is_named(cache: Path, content: str) -> None:
    cache.mkdir()
    (cache / "pinned.json").write_text(content)
    with pytest.raises(DcganError, match="pinned.json is damaged"):
        pinned.digest(URL, "aa", Path("weights.pth"))
