"""A worker as a process."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.queue import Queue
from dcgan.workers.launchers import Job
from dcgan.workers.launchers.local import commands
from dcgan.workers.launchers.process import WorkerProcess
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
