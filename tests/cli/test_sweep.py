"""`dcgan sweep`, `worker`, `status` and `dashboard`, as they are typed."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.cli import main
from tests.cli.typed import printed_json


def _rows(study: str = "small") -> list[dict[str, str]]:
    with Path(f"studies/{study}/trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_what_fits_into_a_time_is_whole_seeds_and_the_rest_stays_planned(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--workers", "1", "--no-report"]
    words = ["sweep", small, "seeds=3", *options]
    assert main([*words, "--for", "1s", "budget.epochs=500"]) == 2
    assert "one seed of all arms, 2 trials, takes about" in capsys.readouterr().err
    assert not Path("studies").exists()
    assert main(["sweep", small, "seeds=1", "study=tried", *options]) == 0  # now it is known how long a trial takes
    seconds = sum(
        record["seconds"] + record["scoring_seconds"]
        for record in (json.loads(path.read_text()) for path in Path("runs").glob("*/run.json"))
    )
    capsys.readouterr()
    in_time = ["--for", f"{1.5 * seconds:.3f}s"]
    assert main([*words, *in_time, "--dry-run", "--json"]) == 0
    plan = printed_json(capsys)
    assert plan["in_time"]["seeds"] == [1]
    assert (plan["in_time"]["trials"], plan["seeds"], plan["reused"]) == (2, 2, 2)
    assert main([*words, *in_time]) == 0
    assert "the other 2 stay planned" in capsys.readouterr().err
    assert [row["status"] for row in _rows()] == ["finished"] * 4 + ["planned"] * 2
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 6


@pytest.mark.slow
def test_trained_once_then_continued(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--no-report", "--json"]) == 0
    taken = capsys.readouterr()
    assert json.loads(taken.out)["finished"] == 4
    assert [line[:5] for line in taken.err.splitlines() if line.startswith("[")] == [
        "[1/4]",
        "[2/4]",
        "[3/4]",
        "[4/4]",
    ]
    before = _rows()
    assert main(["sweep", small, "--no-report"]) == 0
    assert "4 of 4 trials finished" in capsys.readouterr().out
    assert main(["sweep", small, "--dry-run", "--json", "--seeds=3"]) == 0
    plan = printed_json(capsys)
    assert (plan["trials"], plan["reused"]) == (6, 4)
    assert plan["seconds"] > 0
    assert plan["resolvable_difference"] > 0
    assert main(["sweep", small, "--workers=1", "--no-report", "seeds=3"]) == 0
    capsys.readouterr()
    assert _rows()[:4] == before
    assert main(["sweep", small, "budget.epochs=3", "--no-report"]) == 2
    assert "budget.epochs: 2 -> 3" in capsys.readouterr().err

    assert main(["status", "small", "--json"]) == 0
    status = printed_json(capsys)
    assert (status["planned"], status["finished"], status["running"], status["seconds_left"]) == (6, 6, 0, 0.0)
    assert main(["status"]) == 0
    assert "next: dcgan report small" in capsys.readouterr().out
    assert main(["worker", "small"]) == 0
    assert "6 of 6" in capsys.readouterr().out


def test_the_report_is_written(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--json"]) == 0
    result = printed_json(capsys)
    assert result["report"] == "reports/small/index.html"
    assert "batch_norm" in Path(result["report"]).read_text()


@pytest.mark.slow
def test_ctrl_c_stops_with_130_and_the_same_command_goes_on(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(Path("runs").glob("*/generator.safetensors")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    words = ["sweep", small, "--workers", "1", "--no-report", "budget.epochs=10"]
    threading.Thread(target=interrupt).start()
    assert main(words) == 130
    taken = capsys.readouterr()
    assert "type the same command again to go on" in taken.err
    assert "error:" not in taken.err
    begun = [row["status"] for row in _rows()]
    assert 1 <= begun.count("finished") < 4
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5


@pytest.mark.slow
def test_workers_one_of_which_is_killed_make_the_undisturbed_table(small: str) -> None:
    longer = ["budget.epochs=40", "score.every_epochs=20", "tracking.tick_images=100"]
    words = ["sweep", small, "--no-report", *longer, "tracking.checkpoint_seconds=0.2"]
    sweep = subprocess.Popen(
        [sys.executable, "-m", "dcgan", *words, "--workers", "2"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    os.kill(_wait_for(lambda: _worker_in_training(sweep.pid)), signal.SIGKILL)
    _, told = sweep.communicate(timeout=120)
    assert sweep.returncode == 0, told
    assert "was killed by SIGKILL" in told
    disturbed = [{**row, "seconds": ""} for row in _rows()]
    assert [row["status"] for row in disturbed] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5, "only the killed trial was begun again"

    Path("runs").rename("disturbed")
    assert main([*words, "--workers=1"]) == 0
    assert [{**row, "seconds": ""} for row in _rows()] == disturbed


def _wait_for(look: Callable[[], int | None]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing was trained within a minute")


def _worker_in_training(parent: int) -> int | None:
    """A worker of that sweep that is training a run."""
    if not list(Path("runs").glob("*/metrics.csv")):
        return None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for child in children:
        held = [str(path.resolve()) for path in Path(f"/proc/{child}/fd").iterdir()]
        if any("/runs/" in path and path.endswith("/.lock") for path in held):
            return int(child)
    return None
