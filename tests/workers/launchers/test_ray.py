"""Workers on a Ray cluster; see tests/system for a real one."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.workers.launchers import launcher
from tests.study.recorded import written_plan


@pytest.mark.parametrize(
    ("address", "why"), [("127.0.0.1:1", "Connection refused"), ("somewhere", "expected HOST:PORT")]
)
def test_a_ray_cluster_that_does_not_answer_is_said_at_once(address: str, why: str, write_sweep: Any) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(DcganError) as failure:
        launcher("ray", [f"address={address}"]).usual_workers(written_plan(write_sweep), 4)
    assert str(failure.value) == f"--option address: no Ray cluster answers at {address} ({why})"
