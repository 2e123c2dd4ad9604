"""Checkpoints: refused where damaged, and never a program."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.experiment import Experiment
from dcgan.training import checkpoint
from tests.training.after_steps import after_steps


def test_a_damaged_checkpoint_is_refused(tiny: Experiment, images: Tensor, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(file, after_steps(tiny, images, 1).state_dict())
    whole = file.read_bytes()
    for damaged in (b"", b"not a checkpoint", whole[: len(whole) // 2], whole.replace(whole[5000:5064], bytes(64))):
        file.write_bytes(damaged)
        with pytest.raises(DcganError, match="is damaged: delete it to train this run from the start"):
            checkpoint.load(file)


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("run",))

    torch.save({"x": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(DcganError, match="damaged"):
        checkpoint.load(tmp_path / "evil.pt")
