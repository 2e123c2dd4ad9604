"""A small study for the tests of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main
from tests.cli.typed import TINY
from tests.known_studies import csv_file, study, three_arms
from tests.tiny import CURVED

__all__ = ["csv_file", "study", "three_arms"]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_cache: Path) -> None:
    """A working directory of the test's own, which is its home too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCGAN_HOME", ".")
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))


@pytest.fixture
def small(workplace: None) -> str:
    """A study of two arms and two seeds, in a working directory of its own."""
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    Path("small.yaml").write_text("experiment: tiny.yaml\nstart: bare\nfactors: [batch_norm]\nseeds: 2\n")
    return "small.yaml"


@pytest.fixture
def run(shared_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """A trained run's record, as `train --json` prints it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))
    assert main(["train", "digits", *TINY, "--json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record
