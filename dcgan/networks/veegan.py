"""The convolutional players that scores on Stacked MNIST are published for: 28 x 28, but any size and depth will do.

Srivastava et al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN), by the latter's code, which is 28 x 28 at depth 5: 5 x 5
convolutions of stride 2 between maps of 2, 4, 7, 14 and 28 pixels along a side, each half the next, rounded up; a fully
connected layer in front of G and behind D; every layer has a bias. Theirs pad an even side by one pixel less in front
than behind, these by one more: the same networks, seen in a mirror.
"""

from __future__ import annotations

from torch import nn

from dcgan.networks.convolution_stages import stages
from dcgan.networks.shape import Layers, NetworkShape


def generator_layers(shape: NetworkShape, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    maps = shape.maps(shape.base)
    layers = Layers(
        flatten=nn.Flatten(),
        full=nn.Linear(dim, maps * shape.base**2),
        unflatten=nn.Unflatten(1, (maps, shape.base, shape.base)),
        **shape.after("_full", maps),
    )
    layers |= stages(shape, maps, shape.sides[1:], name="up", convolution=_up)
    layers[f"up{shape.size}"] = _up(shape.width, shape.channels, shape.size)
    return layers


def discriminator_layers(shape: NetworkShape) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""

    def down(inputs: int, outputs: int, _side: int, _bias: bool) -> nn.Conv2d:
        return nn.Conv2d(inputs, outputs, 5, 2, 2)

    return stages(shape, shape.channels, shape.sides[::-1], name="down", convolution=down, first_normalised=False)


def last_layer(shape: NetworkShape, extra: int, logits: int) -> nn.Module:
    """Maps (N, maps(base) + extra, base, base) to logits (N, logits, 1, 1): a fully connected layer."""
    return nn.Conv2d(shape.maps(shape.base) + extra, logits, shape.base)


def _up(inputs: int, outputs: int, side: int, _bias: bool = True) -> nn.ConvTranspose2d:
    """Maps of half of `side` pixels, rounded up, to `outputs` maps of `side` pixels."""
    return nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, output_padding=(side + 1) % 2)
