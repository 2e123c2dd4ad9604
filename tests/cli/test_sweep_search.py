"""A search as it is typed: `dcgan sweep`, `status`, and the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main
from dcgan.workers.launchers import Job
from dcgan.workers.launchers.local import Local
from tests.tiny import CURVED, PROTOCOL, record

pytestmark = pytest.mark.slow

FACTORS = ["batch_norm", {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True}]


def _said(capsys: Any, *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == 0
    return str(capsys.readouterr().out)


def test_searches_then_confirms_with_one_command(workplace: None, capsys: Any) -> None:
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    design = {"search": {"trials": 4, "confirm": 2}}
    Path("mine.yaml").write_text(
        yaml.safe_dump({"experiment": "tiny.yaml", "start": "bare", "factors": FACTORS, "design": design})
    )
    told = json.loads(_said(capsys, "sweep", "mine.yaml", "seeds=3", "--dry-run", "--json"))
    assert told["trials"] == {"search": 4, "confirmation": 9}
    assert not Path("studies").exists()
    command = ("sweep", "mine.yaml", "seeds=3", "--workers", "2")
    said = _said(capsys, *command)
    found = json.loads(Path("studies/mine/search.json").read_text())
    trials = 3 * (1 + len(found["chosen"]))  # of those that beat the baseline in the search
    assert f"study mine: {trials} of {trials} trials finished" in said and 1 <= len(found["chosen"]) <= 2
    with Path("studies/mine-search/trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["arm"] for row in rows) == ["s000", "s001", "s002", "s003"]
    assert {(row["status"], row["seed"]) for row in rows} == {("finished", "2000000")}
    status = json.loads(_said(capsys, "status", "mine-search", "--json"))
    assert (status["search"]["asked"], status["search"]["finished"]) == (4, 4)
    report = Path("reports/mine/report.md").read_text()
    assert "found by a search: sampler tpe, 4 combinations on seed 2000000, judged against the train split" in report
    told = json.loads(Path("reports/mine/report.json").read_text())["search"]
    # So few seeds hardly ever show a winner; the recipes of all that were confirmed are there in any case.
    assert (told["winner"] is None) == (told["train"] == "") == ("recipe: " not in said)
    train = f"dcgan train studies/mine/recipes/{found['found_as'][told['winner'] or next(iter(found['chosen']))]}.yaml"
    assert told["train"] in ("", train) and told["train"].replace("_", r"\_") in report
    for arm, number in found["found_as"].items():
        assert arm.replace("_", r"\_") in report and f"{number} " not in said and f"{number}, seed" not in said
    recipe = json.loads(_said(capsys, *train.split()[1:], "--dry-run", "--json"))
    assert recipe["status"] == "finished", "the study's own run"
    runs = {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
    assert f"study mine: {trials} of {trials} trials finished" in _said(capsys, *command)
    assert runs == {path: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}


def test_ends_with_the_answer_where_nothing_beat_the_baseline(
    workplace: None, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch(_launcher: Any, job: Job) -> list[str]:
        queue = job.queue
        while True:
            with queue.claim() as claim:
                if claim is None:
                    return []
                claim.trial.directory.describe(claim.trial.experiment)
                outcome = record(claim.trial, scores={"fid": 50.0 + claim.number}, protocol=PROTOCOL.to_dict())
                claim.trial.directory.write_record(outcome)
                queue.settle(claim, outcome)

    monkeypatch.setattr(Local, "launch", launch)
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    design = {"search": {"trials": 4, "confirm": 2}}
    Path("mine.yaml").write_text(
        yaml.safe_dump({"experiment": "tiny.yaml", "start": "bare", "factors": FACTORS, "design": design})
    )
    for _ in range(2):
        said = _said(capsys, "sweep", "mine.yaml", "--workers", "1")
        assert said.startswith("Nothing beat the baseline in the search, which had FID 50: ")
        assert "next: open reports/mine-search/index.html" in said
    assert not Path("studies/mine/plan.json").exists()
    for document in ("report.md", "index.html"):
        text = Path("reports/mine-search", document).read_text()
        assert "Nothing beat the baseline in the search" in text and ">s001<" not in text and "| s001" not in text
    assert "Nothing beat the baseline in the search" in _said(capsys, "report", "mine")
    assert main(["sweep", "mine.yaml", "--more", "3"]) == 2
    assert "nothing beat the baseline in its search" in capsys.readouterr().err
    assert "study mine-search" in _said(capsys, "worker", "mine")
