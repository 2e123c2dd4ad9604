"""A study watched to its end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dcgan.cli import main
from tests.study.recorded import write_run


@pytest.mark.slow
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
    assert watching.stderr is not None
    assert watching.stderr.readline() == "study small: 0 of 4 trials finished, 4 waiting\n"  # from here on it looks
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    told, seen = watching.communicate(timeout=60)
    assert json.loads(told)["finished"] == 4
    lines = seen.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("[") and ": finished, fid" in line for line in lines)


def test_every_trial_is_told_once_when_it_is_over(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.cli.watch import watching
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    write_run(made.trials[0], status="finished", scores={"fid": 40.0})  # before anybody watched: nothing new
    with watching(made, 1):
        for trial in made.trials[1:3]:
            write_run(trial, status="finished", scores={"fid": 31.2345})
        write_run(made.trials[3], status="diverged", failure="loss_d is nan")
    lines = [
        f"[{number}/4] {trial.arm}, seed {trial.seed}: finished, fid 31.23"
        for number, trial in enumerate(made.trials[1:3], 2)
    ]
    last = made.trials[3]
    lines.append(f"[4/4] {last.arm}, seed {last.seed}: diverged, loss_d is nan")
    assert capsys.readouterr().err.splitlines() == lines
