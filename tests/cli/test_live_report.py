"""`dcgan report --watch`: a report that follows a running study, and ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.common import paths
from tests.study.recorded import write_run
from tests.tiny import PROTOCOL


@pytest.mark.slow
def test_it_follows_a_study_to_its_end(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    for trial in made.trials[:2]:
        write_run(trial, status="finished", scores={"fid": 40.0 + trial.seed}, protocol=PROTOCOL.to_dict())
    words = [sys.executable, "-m", "dcgan", "report", "small", "--watch", "--json"]
    watching = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert watching.stderr is not None and watching.stdout is not None
        assert watching.stderr.readline().startswith("2 of 4 trials finished, 2 waiting; ")
        page = (paths.reports() / "small" / "index.html").read_text()
        assert 'http-equiv="refresh"' in page and "no verdict before all are in" in page
        for trial in made.trials[2:]:
            write_run(trial, status="finished", scores={"fid": 20.0 + trial.seed}, protocol=PROTOCOL.to_dict())
        content = json.loads(watching.stdout.read())
        assert watching.wait(60) == 0
    finally:
        watching.kill()
    assert content["trials"]["finished"] == 4 and not content["partial"]
    assert 'http-equiv="refresh"' not in (paths.reports() / "small" / "index.html").read_text()


def test_a_table_is_not_watched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "table.csv"), "--watch"]) == 2
    assert "a study is watched while it runs" in capsys.readouterr().err


def test_a_study_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "nosuch", "--watch"]) == 2
    assert "nosuch" in capsys.readouterr().err
