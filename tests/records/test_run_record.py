"""run.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path

from dcgan.records import run_record


def test_records_of_runs_are_read_and_would_be_written_alike(home: Path) -> None:
    runs = sorted((home / "runs").iterdir())
    assert len(runs) == 18
    for run in runs:
        record = run_record.read(run)
        assert record is not None
        assert record.to_json() == json.loads((run / "run.json").read_text())
        assert record.scored_under().split == "test"
