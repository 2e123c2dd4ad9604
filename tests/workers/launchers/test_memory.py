"""The memory that a trial takes, measured by a rehearsal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan.queue.study_extractor import extractors_of
from dcgan.workers.launchers.memory import rehearse
from tests.study.recorded import written_plan


def test_a_trial_is_rehearsed_for_its_memory_and_leaves_nothing(write_sweep: Any) -> None:
    import torch

    plan = written_plan(write_sweep)
    rehearse(plan.trials[0].experiment, torch.device("cpu"), extractors_of(plan, None))
    assert not list(Path(plan.directory.parent.parent).glob("runs/*"))
