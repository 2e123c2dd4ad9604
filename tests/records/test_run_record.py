"""run.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.records import run_record


def test_records_of_runs_are_read_and_would_be_written_alike(home: Path) -> None:
    runs = sorted((home / "runs").iterdir())
    assert len(runs) == 18
    for run in runs:
        record = run_record.read(run)
        assert record is not None
        assert record.to_json() == json.loads((run / "run.json").read_text())
        assert record.scored_under().split == "test"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "done"),
        ("seed", "0"),
        ("scoring_seconds", "x"),
        ("images_per_second", []),
        ("scores", {"fid": "x"}),
        ("scores", [["fid", 1.0]]),
        ("protocol", [1]),
        ("details", 3),
        ("curve", 3),
        ("environment", "here"),
        ("also", 3),
        ("earlier_scores", 3),
        ("earlier_scores", [3]),
        ("earlier_environments", {"threads": 1}),
        ("failure", {}),
        ("digest", 7),
    ],
)
def test_what_is_no_record_of_a_run_is_refused_in_a_line(home: Path, key: str, value: Any) -> None:
    run = min((home / "runs").iterdir())
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**content, key: value}))
    with pytest.raises(DcganError) as caught:
        run_record.read(run)
    expected = f"{run / 'run.json'} is damaged (not a run's record): {key} is {value!r}: delete it, or its folder,"
    assert str(caught.value) == f"{expected} to start over"


@pytest.mark.parametrize("key", ["status", "seed", "attempts", "seconds", "images", "scores"])
@pytest.mark.parametrize("null", [False, True])
def test_what_every_record_has_is_asked_for(home: Path, key: str, null: bool) -> None:
    run = min((home / "runs").iterdir())
    content = json.loads((run / "run.json").read_text())
    del content[key]
    (run / "run.json").write_text(json.dumps(content | ({key: None} if null else {})))
    with pytest.raises(DcganError, match=rf"run.json is damaged \(not a run's record\): no {key}: delete it"):
        run_record.read(run)


@pytest.mark.parametrize(
    "key", ["name", "started", "protocol", "details", "also", "curve", "environment", "earlier_environments", "digest"]
)
def test_what_another_version_did_not_write_is_left_out(home: Path, key: str) -> None:
    run = min((home / "runs").iterdir())
    content = json.loads((run / "run.json").read_text())
    del content[key]
    (run / "run.json").write_text(json.dumps(content))
    record = run_record.read(run)
    assert record is not None
    assert not getattr(record, key)
