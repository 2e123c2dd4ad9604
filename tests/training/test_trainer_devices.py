"""No step mixes devices, nor asks a GPU for what it cannot do twice alike: every level, on a machine without one.

The step runs on PyTorch's `meta` device, which has shapes and no numbers: what is on it counts as on the GPU, and
everything else is on the processor.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from dcgan.experiment import Experiment
from dcgan.training.trainer import Trainer
from tests.training.levels import LEVELS, Level

META = torch.device("meta")
_CROSSING = {"_to_copy", "copy_"}  # what brings numbers from one device to the other, and may
# Without a repeatable kernel on CUDA: `torch.use_deterministic_algorithms` has them, and they would end a trial there.
_UNREPEATABLE = (
    "adaptive_avg_pool", "adaptive_max_pool", "avg_pool3d", "bincount", "embedding_bag", "fractional_max_pool",
    "grid_sampler", "histc", "kthvalue", "max_unpool", "median", "nll_loss", "put_", "reflection_pad", "scatter_reduce",
    "upsample_bicubic", "upsample_bilinear", "upsample_linear", "upsample_trilinear", "_ctc_loss",
)  # fmt: skip


class _Stream(torch.Generator):
    """A generator that says it is on the device that was asked for: `meta` has none."""

    def __new__(cls, device: Any = "cpu") -> _Stream:
        made = super().__new__(cls)
        made.where = torch.device(device)
        return made

    where: torch.device

    @property
    def device(self) -> torch.device:
        return self.where


class _OwnStreams(TorchFunctionMode):
    """Refuses random numbers on another device than their stream's."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        stream = (kwargs or {}).get("generator")
        if stream is not None and stream.device != found.device:
            raise AssertionError(f"{func.__name__} on {found.device} draws from a stream on {stream.device}")
        return found


class _OneDevice(TorchDispatchMode):
    """Refuses what a GPU would, and what it could not repeat; notes in `crossings` what goes from device to device."""

    def __init__(self) -> None:
        super().__init__()
        self.crossings: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = func.overloadpacket.__name__, kwargs or {}
        if name in _CROSSING:
            other = args[1].device if name == "copy_" else kwargs.get("device") or args[0].device
            self.crossings += [name] if other != args[0].device else []
        if name.startswith(_UNREPEATABLE):
            raise AssertionError(f"{name} has no repeatable kernel on CUDA")
        if name == "_to_copy" and args[0].device == META and kwargs.get("device") == torch.device("cpu"):
            return torch.zeros(args[0].shape, dtype=kwargs.get("dtype") or args[0].dtype)
        found = func(*args, **kwargs)
        if name not in _CROSSING:
            # A single number of the processor may be an operand anywhere.
            tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
            places = {each.device for each in tensors if each.device == META or each.ndim}
            if len(places) > 1:
                raise AssertionError(f"{name} mixes {' and '.join(sorted(map(str, places)))}")
        return found


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[_OneDevice]:
    """The watch, with stand-ins for what the device `meta` does not have: random streams and autocast."""
    monkeypatch.setattr(torch, "Generator", _Stream)
    monkeypatch.setattr(torch, "autocast", lambda *_args, **_settings: contextlib.nullcontext())
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda _device: False)
    with _OwnStreams(), _OneDevice() as watch:
        yield watch


def test_the_watch_notices(watch: _OneDevice) -> None:
    there = torch.ones(2, 1, 4, 4, device=META)
    assert watch.crossings == []
    there.cpu()
    there.copy_(torch.ones(4))
    assert watch.crossings == ["_to_copy", "copy_"]
    with pytest.raises(AssertionError, match="index mixes cpu and meta"):
        there[torch.tensor([1])]
    with pytest.raises(AssertionError, match="randn on meta draws from a stream on cpu"):
        torch.randn(3, generator=_Stream(), device=META)
    with pytest.raises(AssertionError, match="upsample_bilinear2d has no repeatable kernel"):
        torch.nn.functional.interpolate(there, scale_factor=2, mode="bilinear")
    assert torch.randn(3, generator=_Stream(META), device=META).add(torch.tensor(1.0)).device == META


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_no_step_mixes_devices(tiny: Experiment, images: Tensor, level: Level, watch: _OneDevice) -> None:
    trainer = Trainer(level.of(level.base(tiny)), images.to(META))
    trainer.prepare(lambda: False)
    watch.crossings.clear()
    for _ in range(2):
        trainer.step()
    assert watch.crossings == [], "each is a wait for the device"
    trainer.read()
    networks = (trainer.players.generator, trainer.players.discriminator, trainer.players.evaluation_generator)
    assert {tensor.device for network in networks for tensor in network.state_dict().values()} == {META}
