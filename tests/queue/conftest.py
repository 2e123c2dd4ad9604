"""Fixtures of the tests that score runs: the classifier is trained once for all tests of a module."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's cache, empty at first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shared_extractor(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the tests of a module share the cache, and with it the extractor."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
