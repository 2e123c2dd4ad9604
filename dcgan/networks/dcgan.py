"""The article's listing: all-convolutional players, for any size that is a power of two and any depth.

Radford, Metz and Chintala 2016; layer by layer the listing, which is the 64 x 64 case of depth 5. No layer has a bias,
as in the listing, but where BatchNorm's shift would follow and does not.
"""

from __future__ import annotations

from torch import nn

from dcgan.networks.convolution_stages import stages
from dcgan.networks.shape import Layers, NetworkShape


def generator_layers(shape: NetworkShape, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""

    def up(inputs: int, outputs: int, side: int, bias: bool) -> nn.ConvTranspose2d:
        kernel, stride, padding = (shape.base, 1, 0) if side == shape.base else (4, 2, 1)  # the first: from 1 x 1
        return nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=bias)

    layers = stages(shape, dim, shape.sides, name="up", convolution=up)
    layers[f"up{shape.size}"] = nn.ConvTranspose2d(shape.width, shape.channels, 4, 2, 1, bias=False)
    return layers


def discriminator_layers(shape: NetworkShape) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""

    def down(inputs: int, outputs: int, _side: int, bias: bool) -> nn.Conv2d:
        return nn.Conv2d(inputs, outputs, 4, 2, 1, bias=bias)

    return stages(shape, shape.channels, shape.sides[::-1], name="down", convolution=down, first_normalised=False)


def last_layer(shape: NetworkShape, extra: int, logits: int) -> nn.Module:
    """Maps (N, maps(base) + extra, base, base) to logits (N, logits, 1, 1)."""
    return nn.Conv2d(shape.maps(shape.base) + extra, logits, shape.base, 1, 0, bias=False)
