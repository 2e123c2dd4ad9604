"""run.json, read as it was written."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.records import run_record
from dcgan.records.run_record import RunRecord


def test_records_of_runs_are_read_and_would_be_written_alike(home: Path) -> None:
    runs = sorted((home / "runs").iterdir())
    assert len(runs) == 18
    for run in runs:
        record = run_record.read(run)
        assert record is not None
        assert record.to_json() == json.loads((run / "run.json").read_text())
        assert record.scored_under().split == "test"


def test_every_field_has_its_place_in_the_file_and_comes_back() -> None:
    """A field in neither tuple would vanish in silence, one in both would be written twice."""
    names = [each.name for each in fields(RunRecord)]
    assert sorted([*run_record._ORDER, *run_record._UNLESS_DEFAULT]) == sorted(names)
    other = {str: "x", int: 3, float: 1.5, dict: {"a": 1}, tuple: ({"a": 1},), type(None): "x"}
    values = {name: other[type(default)] for name, default in run_record._DEFAULTS.items() if name in names[2:]}
    for name in [name for name, default in run_record._DEFAULTS.items() if default is None]:
        values[name] = next(value for value in ("x", 2.5, {"a": 1}) if run_record._KINDS[name](value))
    record = RunRecord(id="000000000000", status="finished", **values)
    written = json.loads(json.dumps(record.to_json()))
    assert list(written) == [*run_record._ORDER, *run_record._UNLESS_DEFAULT]
    assert RunRecord.from_json(written, "run.json") == record


def test_a_later_field_at_its_default_is_left_out() -> None:
    plain = RunRecord(id="000000000000", status="finished").to_json()
    assert list(plain) == list(run_record._ORDER)
    rescored = RunRecord(id="000000000000", status="finished", scored={"at": "now"}, earlier_scores=({"scores": {}},))
    assert rescored.to_json() == {**plain, "scored": {"at": "now"}, "earlier_scores": [{"scores": {}}]}


@pytest.mark.parametrize("name", ["also", "earlier_environments", "earlier_scores"])
def test_lists_in_the_file_are_tuples_in_the_record(name: str) -> None:
    content = {**RunRecord(id="000000000000", status="finished").to_json(), name: [{"a": 1}]}
    assert getattr(RunRecord.from_json(content, "run.json"), name) == ({"a": 1},)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "done"),
        ("seed", "0"),
        ("seed", 1e308),
        ("attempts", 0.5),
        ("images", -1),
        ("images", True),
        ("seconds", -5),
        ("scoring_seconds", "x"),
        ("images_per_second", []),
        ("scores", {"fid": "x"}),
        ("scores", [["fid", 1.0]]),
        ("protocol", [1]),
        ("details", 3),
        ("details", {"modes": {"shares": {"real": [1e308, 0.5]}}}),
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
