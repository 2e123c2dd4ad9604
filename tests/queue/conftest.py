"""Two machines that share a database and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcgan.queue import Queue, heartbeat
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.sweeps import sweep
from dcgan.workers.joining import join
from tests.postgres import Server


@pytest.fixture
def apart(write_sweep: Any, postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A study on PostgreSQL, and a switch between two machines (homes) that share nothing else."""
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    url = postgres.new_database(f"apart_{os.getpid()}_{time.monotonic_ns()}")
    plan = planning.make(sweep.load(write_sweep(), {"seeds": 1, "retries": 1}))

    queues: dict[str, Queue] = {}

    def at(name: str) -> Queue:
        monkeypatch.setenv("DCGAN_HOME", str(tmp_path / name))
        if name not in queues:
            if name == "here":
                stored_plans.write(plan)
            queues[name] = Queue(plan if name == "here" else join(plan.study, url), url)
        return queues[name]

    at("here").fill()
    yield at
