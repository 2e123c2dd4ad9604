"""Launchers: which there are, and what the local one's workers are told."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.errors import Misuse
from dcgan.study import plan as planning
from dcgan.study import sweep
from dcgan.study.launchers import LAUNCHERS, Job, launcher
from dcgan.study.launchers.local import _Worker
from dcgan.study.queue import Queue
from dcgan.study.storage import JOURNAL
from tests.postgres import Server


def test_known_launchers_are_found() -> None:
    assert launcher("local") is LAUNCHERS["local"]


@pytest.mark.parametrize(("name", "hint"), [("slurm", ""), ("locl", "; did you mean 'local'?")])
def test_others_are_refused_in_one_line(name: str, hint: str) -> None:
    with pytest.raises(Misuse) as refusal:
        launcher(name)
    assert str(refusal.value) == f"--launcher {name} is not offered; offered: local{hint}"


def test_workers_find_the_storage_and_nobody_sees_its_password(write_sweep: Any, postgres: Server) -> None:
    plan = planning.make(sweep.load(write_sweep()))
    planning.write(plan)
    url = postgres.new_database("launchers")
    queue = Queue(plan, url)
    queue.state_data({})
    assert queue.fill(lambda _trial: {"status": "finished", "scores": {"fid": 1.0}}) == 0
    worker = _Worker(Job(plan, queue, 2, url, lambda: False), 1, 1)
    assert worker.process.wait() == 0, worker.complaint()
    assert url not in " ".join(map(str, worker.process.args))
    assert not (plan.directory / JOURNAL).exists(), "it looked into the database"
