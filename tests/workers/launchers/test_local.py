"""Workers on this machine."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.queue import Queue
from dcgan.queue.journal import JOURNAL
from dcgan.workers.launchers import Job
from dcgan.workers.launchers.local import commands
from dcgan.workers.launchers.process import WorkerProcess
from tests.postgres import Server
from tests.study.recorded import written_plan
from tests.tiny import record


@pytest.mark.slow
def test_workers_find_the_storage_and_nobody_sees_its_password(write_sweep: Any, postgres: Server) -> None:
    plan = written_plan(write_sweep)
    url = postgres.new_database("launchers")
    queue = Queue(plan, url)
    queue.record_data({})
    assert queue.fill(lambda _trial: record(scores={"fid": 1.0})) == 0
    first, _ = commands(Job(plan, queue, 2, url, lambda: False), 1)
    worker = WorkerProcess(first)
    assert worker.process.wait() == 0, worker.complaint()
    assert url not in " ".join(map(str, worker.process.args))
    assert not (plan.directory / JOURNAL).exists(), "it looked into the database"
