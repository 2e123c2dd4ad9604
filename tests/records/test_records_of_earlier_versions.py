"""Folders of version 0.2.0 as of commit 2d24177, kept beside this file: still read, reported and gone on with."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.queue import Queue
from dcgan.study import stored_plans, trials_table
from tests.records.conftest import EARLIER

STUDIES = ("stop", "srch")


@pytest.mark.parametrize("study", STUDIES)
def test_its_table_comes_out_alike(home: Path, study: str) -> None:
    """But for columns that came later, and for the word for trials that a decision made needless: it was `spared`."""
    table = home / "studies" / study / "trials.csv"
    with table.open(newline="") as file:
        before = [{**row, "status": row["status"].replace("spared", "skipped")} for row in csv.DictReader(file)]
    plan = stored_plans.load(study)
    trials_table.write(plan)
    with table.open(newline="") as file:
        assert [{name: row[name] for name in before[0]} for row in csv.DictReader(file)] == before


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_its_report_comes_out_alike(home: Path, study: str, tmp_path: Path) -> None:
    """Before its table is written anew, and after."""
    for name in ("first", "second"):
        assert main(["report", study, "--out", str(tmp_path / name)]) == 0
        report = json.loads((tmp_path / name / "report.json").read_text())
        before = json.loads((EARLIER / "reports" / study / "report.json").read_text())
        before["trials"]["skipped"] = before["trials"].pop("spared", 0)
        for key in ("title", "metric", "goal", "baseline", "alpha", "seeds", "trials", "partial", "tuned", "arms"):
            assert _same(report[key], before[key]), key
        for now, then in zip(report["comparisons"], before["comparisons"], strict=True):
            for key in MEASURED if study == "stop" else (*MEASURED, "interval", "interval_90"):
                assert _same(now[key], then[key]), key
            # What looked at differences when it was planned is judged by them as it was.
            if study == "stop":
                assert _same([now[key] for key in JUDGED], [then[key] for key in JUDGED])
        trials_table.write(stored_plans.load(study))


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.usefixtures("home")
def test_nothing_of_it_is_trained_again(study: str) -> None:
    queue = Queue(stored_plans.load(study))
    assert queue.fill() == 0
    with queue.claim() as claim:
        assert claim is None
    queue.close()


MEASURED = ("arm", "pairs", "difference", "sd", "dropped", "failed", "failed_p", "look")  # whatever it is judged by
JUDGED = ("p", "p_adjusted", "verdict", "within_margin")


def _same(report: Any, before: Any) -> bool:
    """Equal but for the last digits of numbers, which are the processor's, and for keys that came later."""
    if isinstance(before, dict):
        return report.keys() >= before.keys() and all(_same(report[key], before[key]) for key in before)
    if isinstance(before, list):
        return len(report) == len(before) and all(map(_same, report, before))
    return bool(report == (pytest.approx(before, rel=1e-6) if isinstance(before, float) else before))
