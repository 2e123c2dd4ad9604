"""`dcgan sweep` with `tune`, as it is typed: real, tiny runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main
from tests.tiny import TINY

SWEEP = {
    "experiment": "tiny.yaml",
    "start": "bare",
    "factors": ["batch_norm"],
    "seeds": 1,
    "tune": {"paths": ["optimizer.generator.lr"], "trials": 2},
}


@pytest.fixture
def small(workplace: None) -> str:
    """A study of two arms with two candidates each, in a working directory of its own."""
    Path("tiny.yaml").write_text(yaml.safe_dump({**TINY, "score": {"samples": 80, "repeats": 1}}))
    Path("small.yaml").write_text(yaml.safe_dump(SWEEP))
    return "small.yaml"


def _plan(study: str) -> Any:
    return json.loads(Path(f"studies/{study}/plan.json").read_text())


def _records() -> dict[str, str]:
    return {path.parent.name: path.read_text() for path in Path("runs").glob("*/run.json")}


@pytest.mark.slow
def test_a_tuned_study_from_the_dry_run_to_the_report(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run", "--json"]) == 0
    (first,) = json.loads(capsys.readouterr().out)["before"]
    assert (first["study"], first["trials"], first["seeds"]) == ("small-tuning", 4, [1_000_000])
    assert first["seconds"] > 0
    assert not Path("studies").exists()

    assert main(["sweep", small, "--workers", "1"]) == 0
    told = capsys.readouterr().err
    assert "study small-tuning: 0 of 4 trials finished, 4 waiting" in told
    assert "tuned bare: optimizer.generator.lr=" in told
    plan, tuning = _plan("small"), _plan("small-tuning")
    runs = {entry["arm"]: json.loads(_records()[entry["run"]]) for entry in tuning["trials"]}
    assert plan["tuned"]["arms"].keys() == plan["arms"].keys()
    for arm, choice in plan["tuned"]["arms"].items():
        scores = {number: runs[f"{arm}@{number}"]["scores"]["fid"] for number in (1, 2)}
        assert choice["candidate"] == min(scores, key=lambda number: scores[number])
        assert choice["score"] == min(scores.values())
    report = Path("reports/small/report.md").read_text()
    assert "2 candidates each, the arm as it is and the same further points of one sequence" in report
    assert "trained on seed 1000000, which are not reported here" in report
    assert "against the train split; the scores of this report are of other seeds, against the test split" in report
    assert "What the arms were tuned to" in Path("reports/small/index.html").read_text()
    told = json.loads(Path("reports/small/report.json").read_text())["tuned"]
    assert told == plan["tuned"]

    # As if it had been killed after the tuning and before the study was planned.
    before = _records()
    shutil.rmtree("studies/small")
    assert main(["status", "small", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["study"], status["finished"]) == ("small-tuning", 4)
    assert main(["status", "small"]) == 0
    assert "next: type the `dcgan sweep` command of small again to go on with it" in capsys.readouterr().out
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    assert _plan("small")["tuned"] == plan["tuned"]
    assert _records() == before, "nothing is trained twice"

    assert main(["status"]) == 0
    assert "next: dcgan report small" in capsys.readouterr().out

    # The candidates are a study like any other.
    assert main(["report", "small-tuning"]) == 0
    assert "bare@2" in Path("reports/small-tuning/report.md").read_text()
    assert main(["sweep", small, "tune=null", "--no-report"]) == 2
    assert "tune: " in capsys.readouterr().err


def test_a_time_holds_for_the_tuning_too(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--for", "1s", "budget.epochs=500"]) == 2
    assert "--for 1s: one seed of all arms, 4 trials, takes about" in capsys.readouterr().err
    assert not Path("studies").exists()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_worker_that_comes_while_the_study_is_tuned(
    small: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    words = [sys.executable, "-m", "dcgan"]
    home = tmp_path
    if where == "elsewhere":  # with a folder of its own, and the plans in a database
        monkeypatch.setenv("DCGAN_STORAGE", request.getfixturevalue("postgres").new_database("tuned"))
        home = tmp_path / "elsewhere"
        home.mkdir()
    leader = subprocess.Popen([*words, "sweep", small, "--workers", "1", "--no-report"])
    try:
        deadline = time.monotonic() + 120
        while not list(Path("runs").glob("*")):
            assert time.monotonic() < deadline and leader.poll() is None
            time.sleep(0.05)
        command = [*words, "worker", "small"]
        joined = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=240, check=False)
        assert leader.wait(240) == 0
    finally:
        leader.kill()
    assert joined.returncode == 0, joined.stderr
    assert "study small: 2 of 2 trials finished" in joined.stdout
    assert [json.loads(record)["status"] for record in _records().values()] == ["finished"] * 6
    assert _plan("small")["tuned"]["arms"].keys() == {"bare", "batch_norm"}
