"""The folders of version 0.2.0 that are kept beside this file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EARLIER = Path(__file__).parent / "earlier"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy, since what looks at a study writes its table."""
    shutil.copytree(EARLIER, tmp_path / "earlier")
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "earlier"))
    return tmp_path / "earlier"
