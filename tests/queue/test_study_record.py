"""What a storage says of its study: another study of that name, another version or other data are refused."""

from __future__ import annotations

from typing import Any

import pytest

import dcgan
from dcgan.common.errors import Misuse
from dcgan.queue import Queue
from dcgan.study import plan as planning
from dcgan.sweeps import sweep
from tests.queue.filled import filled, never_began, plan_of


def test_another_version_or_other_data_are_refused(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(write_sweep)
    planner, worker = Queue(plan), Queue(plan)
    planner.record_data({"digits (16 pixels, 1 channels)": "abc"})
    worker.check_data({"digits (16 pixels, 1 channels)": "abc"})
    with pytest.raises(Misuse, match="digits .16 pixels.* has fingerprint xyz here, .* planned with abc"):
        worker.check_data({"digits (16 pixels, 1 channels)": "xyz"})
    with pytest.raises(Misuse, match="has fingerprint xyz here"):
        planner.record_data({"digits (16 pixels, 1 channels)": "xyz"})
    monkeypatch.setattr(dcgan, "__version__", "9.9")
    with pytest.raises(Misuse, match="study 'small' was planned with dcgan .*, and this is 9.9"):
        worker.check_data({})


def test_a_storage_with_another_study_of_that_name(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    filled(plan)
    other = planning.make(sweep.load(write_sweep(), {"budget.epochs": 5}))
    assert Queue(other).fill(never_began) == len(other.trials), "nothing ran yet: replaced"
    with Queue(other).claim() as claim:
        assert claim is not None
    with pytest.raises(Misuse, match="storage has a study 'small' with other arms.*study=small-2"):
        Queue(plan)
