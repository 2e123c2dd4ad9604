"""Folders of version 0.2.0 as of commit 2d24177, kept beside this file: still read, reported and gone on with."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.queue import Queue
from dcgan.records import plan_file, run_record, search_file
from dcgan.study import stored_plans, trials_table

EARLIER = Path(__file__).parent / "earlier"
STUDIES = ("stop", "srch")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy, since what looks at a study writes its table."""
    shutil.copytree(EARLIER, tmp_path / "earlier")
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "earlier"))
    return tmp_path / "earlier"


@pytest.mark.parametrize("study", STUDIES)
def test_a_plan_is_read_and_would_be_written_alike(home: Path, study: str) -> None:
    written = json.loads((home / "studies" / study / "plan.json").read_text())
    assert plan_file.read(home / "studies" / study).to_json() == written
    plan = stored_plans.load(study)
    assert plan.record().to_json() == written
    assert plan.sweep.to_yaml() == (home / "studies" / study / "sweep.yaml").read_text()


def test_records_of_runs_are_read_and_would_be_written_alike(home: Path) -> None:
    runs = sorted((home / "runs").iterdir())
    assert len(runs) == 18
    for run in runs:
        record = run_record.read(run)
        assert record is not None
        assert record.to_json() == json.loads((run / "run.json").read_text())
        assert record.scored_under().split == "test"


def test_a_search_is_read_and_would_be_written_alike(home: Path) -> None:
    folder = home / "studies" / "srch"
    record = search_file.read(folder)
    assert record is not None
    assert record.to_json() == json.loads((folder / "search.json").read_text())
    assert search_file.read(home / "studies" / "stop") is None


@pytest.mark.parametrize("study", STUDIES)
def test_its_table_comes_out_alike(home: Path, study: str) -> None:
    """But for the word for trials that a decision made needless: it was `spared`."""
    table = home / "studies" / study / "trials.csv"
    with table.open(newline="") as file:
        before = [{**row, "status": row["status"].replace("spared", "skipped")} for row in csv.DictReader(file)]
    plan = stored_plans.load(study)
    trials_table.write(plan)
    with table.open(newline="") as file:
        assert list(csv.DictReader(file)) == before


@pytest.mark.parametrize("study", STUDIES)
def test_its_report_comes_out_alike(home: Path, study: str, tmp_path: Path) -> None:
    """Before its table is written anew, and after."""
    for name in ("first", "second"):
        assert main(["report", study, "--out", str(tmp_path / name)]) == 0
        report = json.loads((tmp_path / name / "report.json").read_text())
        before = json.loads((EARLIER / "reports" / study / "report.json").read_text())
        before["trials"]["skipped"] = before["trials"].pop("spared", 0)
        assert _same(report, before)
        trials_table.write(stored_plans.load(study))


@pytest.mark.parametrize("study", STUDIES)
def test_nothing_of_it_is_trained_again(study: str) -> None:
    queue = Queue(stored_plans.load(study))
    assert queue.fill() == 0
    with queue.claim() as claim:
        assert claim is None
    queue.close()


def _same(report: Any, before: Any) -> bool:
    """Equal but for the last digits of numbers, which are the processor's."""
    if isinstance(before, dict):
        return report.keys() == before.keys() and all(_same(report[key], before[key]) for key in before)
    if isinstance(before, list):
        return len(report) == len(before) and all(map(_same, report, before))
    return bool(report == (pytest.approx(before, rel=1e-6) if isinstance(before, float) else before))
