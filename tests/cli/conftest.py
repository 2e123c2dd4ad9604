"""A small study for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.known_studies import csv_file, study, three_arms
from tests.tiny import CURVED

__all__ = ["csv_file", "study", "three_arms"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier is trained once for all tests here."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """A working directory of the test's own, which is its home too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCGAN_HOME", ".")
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture
def small(workplace: None) -> str:
    """A study of two arms and two seeds, in a working directory of its own."""
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    Path("small.yaml").write_text("experiment: tiny.yaml\nfactors: [batch_norm]\nseeds: 2\n")
    return "small.yaml"
