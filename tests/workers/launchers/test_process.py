"""A worker as a process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.queue import Queue
from dcgan.workers.launchers import Job
from dcgan.workers.launchers.local import commands
from dcgan.workers.launchers.process import WorkerCommand, WorkerProcess
from tests.study.recorded import written_plan


@pytest.mark.slow
def test_a_worker_that_ends_badly_is_quoted(write_sweep: Any) -> None:
    plan = written_plan(write_sweep)
    (command, _) = commands(Job(plan, Queue(plan), 2, None, lambda: False), 0)
    worker = WorkerProcess(command)
    worker.process.wait()
    assert worker.complaint() == (
        f"worker 1 ended with exit code 2: error: --threads 0: expected 1 or more ({command.log})"
    )


def _never_started(log: Path, monkeypatch: pytest.MonkeyPatch) -> WorkerProcess:
    """A worker that ended badly, without the seconds that a process takes."""
    ended = SimpleNamespace(returncode=1)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: ended)
    return WorkerProcess(WorkerCommand("small", 1, 1, log, {}, log.parent))


def test_a_log_is_written_through_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / "1.log").symlink_to(precious)
    with pytest.raises(DcganError, match=r"cannot write .*/1.log: it is a link, and nothing is written through one"):
        _never_started(tmp_path / "workers" / "1.log", monkeypatch)
    (tmp_path / "linked").symlink_to(tmp_path / "workers")
    with pytest.raises(DcganError, match=r"cannot write into .*/linked: it is a link"):
        _never_started(tmp_path / "linked" / "2.log", monkeypatch)
    assert precious.read_text() == "mine"
    assert not (tmp_path / "workers" / "2.log").exists()


@pytest.mark.usefixtures("at_once")
def test_of_a_log_the_end_is_read_and_of_a_pipe_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = _never_started(log := tmp_path / "1.log", monkeypatch)
    with log.open("wb") as file:
        file.truncate(2**40)
        file.seek(0, os.SEEK_END)
        file.write(b"\nW&B: https://here\nW&B: half a li")
    assert worker.told("W&B") == {"W&B: https://here"}
    assert worker.complaint() == f"worker 1 ended with exit code 1: W&B: half a li ({log})"
    log.unlink()
    os.mkfifo(log)
    assert worker.told("W&B") == set()
    assert worker.complaint() == f"worker 1 ended with exit code 1: without a word ({log})"
