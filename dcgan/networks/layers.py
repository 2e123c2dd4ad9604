"""The layers that tips choose between."""

from __future__ import annotations

from torch import nn


def normalisation(kind: str, channels: int) -> nn.Module:
    """What stands between a convolution and its activation: `none` or `batch` (Ioffe and Szegedy 2015)."""
    return nn.BatchNorm2d(channels) if kind == "batch" else nn.Identity()


def activation(slope: float) -> nn.Module:
    """ReLU, or LeakyReLU with that slope on the negative side."""
    return nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)
