"""Launchers: which there are, what they may be told, and what their workers are given."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.common.errors import Misuse
from dcgan.queue import Queue
from dcgan.workers.launchers import LAUNCHERS, Job, Launcher, launcher
from dcgan.workers.launchers.local import Local
from dcgan.workers.launchers.ray import Ray
from dcgan.workers.launchers.slurm import Slurm
from tests.study.recorded import written_plan


@pytest.mark.parametrize(("name", "kind"), [("local", Local), ("ray", Ray), ("slurm", Slurm)])
def test_each_launcher_is_found_by_its_name(name: str, kind: type[Launcher]) -> None:
    assert launcher(name) == kind()
    assert set(LAUNCHERS) == {"local", "ray", "slurm"}


def test_help_names_every_launcher(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(LAUNCHERS, "kubernetes", "nowhere:Kubernetes")
    with pytest.raises(SystemExit):
        main(["sweep", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "where workers run: local, ray, slurm or kubernetes" in shown


@pytest.mark.parametrize(("module", "name", "extra"), [("ray", "ray", "ray"), ("submitit", "slurm", "slurm")])
def test_a_library_that_is_not_installed_is_named_with_the_fix(
    module: str, name: str, extra: str, write_sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    plan = written_plan(write_sweep)
    queue = Queue(plan)
    with pytest.raises(Misuse, match=rf"not installed; pip install -e '.\[{extra}\]' in the clone"):
        launcher(name).launch(Job(plan, queue, 1, None, lambda: False))


def test_importing_launchers_imports_no_library_of_theirs() -> None:
    look = (
        "import sys, dcgan.workers.launchers.ray, dcgan.workers.launchers.slurm\n"
        "print(sorted({'ray', 'submitit', 'torch', 'optuna', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "a task on another machine begins within a second"
