"""A running average of a network's weights (Yazici et al. 2019)."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

_RAMP = 0.05  # of the images seen so far: the longest half-life


class WeightAverage:
    """A copy of `network` whose numbers follow it: w <- d w + (1 - d) w', d = 0.5 ^ (images of a step / half-life).

    In the beginning the half-life is a twentieth of the images seen so far, so that the initial weights are soon
    forgotten (Karras et al. 2020b, "Training Generative Adversarial Networks with Limited Data", their `ema_rampup`).
    BatchNorm's running statistics are averaged like weights; other buffers (counts, spectral norm's unit vectors) are
    copied. PyTorch's AveragedModel would wait for the device at each step.
    """

    def __init__(self, network: nn.Module, *, half_life: int, images: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._half_life = half_life
        self._images = images
        self._steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Takes one step towards `network`."""
        half_life = min(self._half_life, _RAMP * self._steps * self._images)
        decay = 0.5 ** (self._images / half_life) if half_life else 0.0
        self._steps += 1
        weights = dict(network.named_parameters())
        latest = network.state_dict()
        for name, average in self.network.state_dict().items():
            if name in weights or "running_" in name:
                average.lerp_(latest[name], 1 - decay)
            else:
                average.copy_(latest[name])

    def state_dict(self) -> dict[str, Any]:
        """The averaged numbers and the steps so far."""
        return {"network": self.network.state_dict(), "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self.network.load_state_dict(state["network"])
        self._steps = state["steps"]
