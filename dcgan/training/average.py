"""A running average of a network's weights (Yazici et al. 2019)."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn


class Average:
    """A copy of `network` whose numbers follow it: w <- d w + (1 - d) w', d = 0.5 ^ (images of a step / half-life).

    BatchNorm's running statistics are averaged like weights; other buffers (counts, spectral norm's unit vectors) are
    copied. PyTorch's AveragedModel would wait for the device at each step.
    """

    def __init__(self, network: nn.Module, *, half_life: int, images: int) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._decay = 0.5 ** (images / half_life)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Takes one step towards `network`."""
        weights = dict(network.named_parameters())
        for (name, mine), its in zip(self.network.state_dict().items(), network.state_dict().values(), strict=True):
            if name in weights or "running_" in name:
                mine.lerp_(its, 1 - self._decay)
            else:
                mine.copy_(its)

    def state_dict(self) -> dict[str, Any]:
        """The averaged numbers."""
        return self.network.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self.network.load_state_dict(state)
