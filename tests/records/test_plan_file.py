"""plan.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcgan.records import plan_file
from dcgan.study import stored_plans

STUDIES = ("stop", "srch")


@pytest.mark.parametrize("study", STUDIES)
def test_a_plan_is_read_and_would_be_written_alike(home: Path, study: str) -> None:
    written = json.loads((home / "studies" / study / "plan.json").read_text())
    assert plan_file.read(home / "studies" / study).to_json() == written
    plan = stored_plans.load(study)
    assert plan.record().to_json() == written
    assert plan.sweep.to_yaml() == (home / "studies" / study / "sweep.yaml").read_text()
