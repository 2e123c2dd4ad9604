"""Networks small enough to go through every kind of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dcgan.experiment import Experiment
from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks import build_discriminator, build_generator

BUILD: dict[str, Callable[[Experiment], nn.Module]] = {
    "generator": build_generator,
    "discriminator": build_discriminator,
}
_ARCHITECTURES = list(ARCHITECTURE_KINDS)
_NORMALISATIONS = ["none", "batch", "layer", "instance", "group", "spectral"]
_KINDS = [(a, n) for a in _ARCHITECTURES for n in _NORMALISATIONS if n != "instance" or ARCHITECTURE_KINDS[a].deepest]

Build = Callable[..., nn.Module]


@pytest.fixture(params=_KINDS, ids="-".join)
def kind(request: pytest.FixtureRequest) -> dict[str, str]:
    """Every architecture with every normalisation that it has a meaning with."""
    return dict(zip(("architecture", "normalisation"), request.param, strict=True))


@pytest.fixture(params=BUILD)
def player(request: pytest.FixtureRequest) -> str:
    """Either player's name."""
    return str(request.param)


@pytest.fixture
def build() -> Build:
    """`build(player, key=value, ...)`: that network of 16 x 16 images, width 2 and noise of 7 numbers.

    A key belongs to the player's section; `changes` are whole keys.
    """

    def make(player: str, *, changes: dict[str, Any] | None = None, **keys: Any) -> nn.Module:
        sizes = {"data.size": 16, "latent.dim": 7, f"{player}.width": 2}
        own = {f"{player}.{key}": value for key, value in keys.items()}
        return BUILD[player](Experiment().with_({**sizes, **own, **(changes or {})}))

    return make


@pytest.fixture
def inputs() -> Callable[[str], Tensor]:
    """`inputs(player)`: six of what it takes, drawn, between -1 and 1 for the discriminator; the same each time."""

    def make(player: str, count: int = 6) -> Tensor:
        chance = torch.Generator().manual_seed(1)
        if player == "generator":
            return torch.randn(count, 7, generator=chance)
        return torch.rand(count, 1, 16, 16, generator=chance) * 2 - 1

    return make
