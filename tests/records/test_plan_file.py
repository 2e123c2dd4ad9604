"""plan.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from dcgan.records import plan_file
from dcgan.study import stored_plans

SCALES = {"stop": "difference", "srch": "ratio"}  # these plans name none: one that looked at differences goes on so


@pytest.mark.parametrize("study", SCALES)
def test_a_plan_is_read_and_would_be_written_alike(home: Path, study: str) -> None:
    written = json.loads((home / "studies" / study / "plan.json").read_text())
    assert "scale" not in written
    now = {**written, "scale": SCALES[study]}
    assert plan_file.read(home / "studies" / study).to_json() == now
    plan = stored_plans.load(study)
    assert plan.record().to_json() == now
    sweep = yaml.safe_load((home / "studies" / study / "sweep.yaml").read_text())
    assert yaml.safe_load(plan.sweep.to_yaml()) == {**sweep, "scale": SCALES[study]}
