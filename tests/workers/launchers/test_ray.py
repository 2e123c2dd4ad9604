"""Workers on a Ray cluster; see tests/system for a real one."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.queue import Queue
from dcgan.workers.launchers import Job, launcher, ray
from tests.study.recorded import written_plan


@pytest.mark.parametrize(
    ("address", "why"), [("127.0.0.1:1", "Connection refused"), ("somewhere", "expected HOST:PORT")]
)
def test_a_ray_cluster_that_does_not_answer_is_said_at_once(address: str, why: str, write_sweep: Any) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(DcganError) as failure:
        launcher("ray", [f"address={address}"]).usual_workers(written_plan(write_sweep), 4)
    assert str(failure.value) == f"--option address: no Ray cluster answers at {address} ({why})"


URL = "postgresql://me:hunter2@host/x"


def test_no_task_is_given_the_password_of_a_storage(write_sweep: Any) -> None:
    """What a task is given Ray sends as it is; a cluster of this machine inherits the storage's URL."""
    plan = written_plan(write_sweep)
    job = Job(plan, Queue(plan), 2, URL, lambda: False)
    (command, _) = ray._commands(job, 1, None)
    assert "DCGAN_STORAGE" not in command.environment and b"hunter2" not in pickle.dumps(command)
    with pytest.raises(Misuse, match=r"me:\*\*\*@host/x: its password would be sent .* put it into ~/\.pgpass"):
        launcher("ray", ["address=127.0.0.1:1"]).launch(job)
    (command, _) = ray._commands(replace(job, storage="postgresql://me@host/x"), 1, "127.0.0.1:1")
    assert command.environment["DCGAN_STORAGE"] == "postgresql://me@host/x"
