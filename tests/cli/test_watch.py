"""A study watched to its end."""

from __future__ import annotations

import io
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


def test_an_arm_is_shown_and_not_obeyed_by_a_terminal(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from dcgan.cli import watch
    from dcgan.study import plan
    from dcgan.study.status import Overview, Running
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    monkeypatch.setattr(plan.Plan, "label", lambda *_: "[/red]\x1b[31m\x9b2J")
    standing = Overview(made, lambda: [Running(made.trials[0], 100, 12.5)]).look()
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    console.print(watch._picture(standing, None))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[/red]\\x1b[31m\\x9b2J" in shown
    assert "\x1b" not in shown
