"""The layers that settings choose between: normalisation, activation, dropout, and the batch's variety."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dcgan.experiment.description import GROUP


def normalisation(kind: str, channels: int, *, vector: bool = False) -> nn.Module:
    """What stands between a layer and its activation, with a learned scale and shift for each channel.

    `batch`: each channel over the batch and its positions (Ioffe and Szegedy 2015, algorithm 1). The others take each
    image by itself: `layer` over all channels and positions (Ba et al. 2016, equation 3; Wu and He 2018, equation 4),
    `group` over groups of 16 channels, or of their greatest common divisor with it (Wu and He 2018, equation 7),
    `instance` each channel over its positions (Ulyanov et al. 2016; Wu and He 2018, equation 5). `none` and
    `spectral` leave the outputs as they are. A `vector` (N, channels) has no positions: `instance` is `layer` there,
    the closest that one image's own statistics come.
    """
    if kind == "batch":
        return nn.BatchNorm1d(channels) if vector else nn.BatchNorm2d(channels)
    groups = {"layer": 1, "group": channels // math.gcd(channels, GROUP), "instance": 1 if vector else channels}
    return nn.GroupNorm(groups[kind], channels) if kind in groups else nn.Identity()


def activation(slope: float) -> nn.Module:
    """ReLU, or LeakyReLU with that slope on the negative side."""
    return nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)


class Dropout(nn.Module):
    """In training, sets each value to 0 with probability `share` in [0, 1) and divides the others by 1 - share.

    Srivastava et al. 2014, section 10. `stream` is where the chance comes from: a generator on the inputs' device,
    given with `set_stream`, or None for PyTorch's own.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.stream: torch.Generator | None = None

    def forward(self, values: Tensor) -> Tensor:
        """Any shape to the same shape."""
        if not self.training:
            return values
        mask = torch.empty_like(values).bernoulli_(1 - self.share, generator=self.stream)
        return values * mask / (1 - self.share)


def set_stream(network: nn.Module, generator: torch.Generator) -> None:
    """Lets all dropout in `network` draw from `generator`, on the network's device."""
    for layer in network.modules():
        if isinstance(layer, Dropout):
            layer.stream = generator


class MinibatchStddev(nn.Module):
    """Appends the batch's variety to each image as one more channel: (N, C, H, W) to (N, C + 1, H, W), or (N, C).

    Karras et al. 2018, section 3: the standard deviation over the batch of each channel at each position, averaged to
    one number. The 1e-8 under the root (from the authors' code) keeps the gradient finite where images are equal.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Values (N, C, ...) to (N, C + 1, ...)."""
        deviation = values.var(0, correction=0).add(1e-8).sqrt().mean()
        return torch.cat([values, deviation.expand_as(values[:, :1])], 1)
