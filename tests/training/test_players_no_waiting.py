"""The step never waits for the device: no operation whose result the host has to read."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dcgan.experiment import Experiment
from dcgan.tips import TIPS, apply
from dcgan.training.players import Players

_WAITING = {"_local_scalar_dense", "is_nonzero", "nonzero", "equal", "masked_select"}


class _NoWaiting(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ in _WAITING:
            raise AssertionError(f"{func} waits for the device")
        return func(*args, **(kwargs or {}))


def test_the_watch_notices() -> None:
    with _NoWaiting(), pytest.raises(AssertionError, match="waits for the device"):
        torch.ones(1).item()


@pytest.mark.parametrize("name", sorted(TIPS))
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_no_gradient_waits_for_the_device(tiny: Experiment, name: str, precision: str) -> None:
    players = Players(apply(tiny.with_({"compute.precision": precision}), {name: "on"}), torch.device("cpu"))
    real = torch.rand(20, 1, 16, 16) * 2 - 1
    with _NoWaiting():
        for _ in range(2):
            players.accumulate_discriminator_gradients(real, players.generate(len(real)))
            players.accumulate_generator_gradients(real)
