"""`dcgan train` as it is typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from tests.cli.typed import TINY, printed_json


@pytest.mark.slow
def test_a_data_set_that_cannot_be_had_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    """In a process of its own: urllib keeps the first proxy that it has seen."""
    nobody = "http://127.0.0.1:9"  # a port where nobody listens stands in for no network
    environment = {**os.environ, "https_proxy": nobody, "http_proxy": nobody, "no_proxy": ""}
    command = [sys.executable, "-m", "dcgan", "train", "mnist"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "data set 'mnist' is not in" in line
    assert "DCGAN_DATA" in line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_every_spelling_of_a_change_is_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    ids = set()
    for word in ("update.batch=50", "--update.batch=50", "update={'batch': 50}"):
        assert main(["train", "digits", "--dry-run", word, "--json"]) == 0
        ids.add(printed_json(capsys)["id"])
    assert len(ids) == 1


def test_train_prints_its_record_and_then_says_it_is_finished(
    run: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run["status"] == "finished"
    assert set(run) >= {
        "id", "status", "seed", "attempts", "started", "seconds", "images_per_second", "scores", "failure", "environment",
        "version",
    }  # fmt: skip
    assert main(["train", "digits", *TINY]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("already finished: ")
    assert re.search(r"scores \(test_\d+_classifier\): fid \d", said.out)
    assert "next: " in said.err


def test_a_finished_run_asked_for_longer_says_in_one_line_that_it_starts_over(
    run: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    longer = [word for word in TINY if not word.startswith("budget.epochs")]
    assert main(["train", "digits", *longer, "budget.epochs=3", "--dry-run"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"note: run {run['id']}, the same with 80 images, is finished; with 120 images this is another"
    )


def test_a_device_that_is_not_here_is_refused_by_the_dry_run_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits", "--dry-run", "compute.device=cuda:99"]) == 2
    shown = capsys.readouterr()
    assert "use one of those that are: auto, cpu" in shown.err and not shown.out


def test_a_dry_run_says_interrupted_of_a_run_that_no_process_trains(capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.common.overrides import parse_words
    from dcgan.experiment import load
    from dcgan.runs.settling import settled_run
    from tests.kept_runs import keep_run

    run = keep_run(settled_run(load("digits", parse_words(TINY))), status="running", images=1500, scores={})
    words = ["train", "digits", *TINY, "--dry-run"]
    assert main(words) == 0
    assert f"run {run.path}: interrupted at 1,500 images" in capsys.readouterr().out
    with run.held(lambda: False):
        assert main([*words, "--json"]) == 0
        assert printed_json(capsys)["status"] == "running"
