"""Workers killed, their database restarted and frozen: every trial ends as if nothing had happened. See chaos.py."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.system.chaos import SHORT, cache, disturbed, expected, plan_of, postgres, results

pytestmark = pytest.mark.slow

__all__ = ["cache", "expected", "postgres"]


@pytest.mark.parametrize("storage", ["journal", "postgresql"])
def test_short(
    storage: str, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres") if storage == "postgresql" else None
    rows = expected(SHORT)
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    plan = plan_of(tmp_path, SHORT)
    url = server.new_database("chaos") if server else None
    told = disturbed(plan, SHORT, url, server, random.Random(5))
    assert told.finished == told.entries["finished"] == len(plan.trials)
    assert results(plan) == rows
