"""A study watched to its end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dcgan.cli import main


def test_status_watches_a_study_to_its_end(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    stored_plans.write(plan.make(sweep.load(small)))
    watching = subprocess.Popen(
        [sys.executable, "-m", "dcgan", "status", "small", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    told, seen = watching.communicate(timeout=60)
    assert json.loads(told)["finished"] == 4
    assert all(line.startswith("[") and ": finished, fid" in line for line in seen.splitlines())
