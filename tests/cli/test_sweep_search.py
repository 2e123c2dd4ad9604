"""A search as it is typed: `dcgan sweep`, `status`, and the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main
from tests.tiny import CURVED

pytestmark = pytest.mark.slow

FACTORS = ["batch_norm", {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True}]


def _said(capsys: Any, *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == 0
    return str(capsys.readouterr().out)


def test_searches_then_confirms_with_one_command(workplace: None, capsys: Any) -> None:
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    design = {"search": {"trials": 4, "confirm": 2}}
    Path("mine.yaml").write_text(yaml.safe_dump({"experiment": "tiny.yaml", "factors": FACTORS, "design": design}))
    told = json.loads(_said(capsys, "sweep", "mine.yaml", "seeds=3", "--dry-run", "--json"))
    assert told["trials"] == {"search": 4, "confirmation": 9}
    assert not Path("studies").exists()
    command = ("sweep", "mine.yaml", "seeds=3", "--workers", "2")
    assert "study mine: 9 of 9 trials finished" in _said(capsys, *command)
    with Path("studies/mine-search/trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["arm"] for row in rows) == ["s000", "s001", "s002", "s003"]
    assert {(row["status"], row["seed"]) for row in rows} == {("finished", "2000000")}
    status = json.loads(_said(capsys, "status", "mine-search", "--json"))
    assert (status["search"]["asked"], status["search"]["finished"]) == (4, 4)
    report = Path("reports/mine/report.md").read_text()
    assert "found by a search: sampler tpe, 4 combinations on seed 2000000, judged against the train split" in report
    found = json.loads(Path("studies/mine/search.json").read_text())
    assert len(found["chosen"]) == 2
    for arm in found["chosen"]:
        assert f"{arm}: " in report
    runs = {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
    assert "study mine: 9 of 9 trials finished" in _said(capsys, *command)
    assert runs == {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
