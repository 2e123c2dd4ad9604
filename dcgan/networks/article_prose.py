"""The network of the article's text (its section 4, part 1), which is not the network of its listing.

G, of the text: two fully connected layers to maps, then deconvolution (transposed convolution) and upsampling to
pixels. D, of the text: convolutions, pooling and BatchNorm; its two class probabilities are the head `two_class`.

The text also sends G's noise through "convolution and pooling layers" first. A vector of independent numbers has no
neighbours to convolve or to pool, so this is left out. The text gives no numbers; here the maps are those of the
`dcgan` architecture, kernels are 3 x 3, upsampling repeats the nearest pixel, and pooling averages, which is the
transpose of that repeating and keeps D's gradient smooth for penalties on it. Convolutions have no bias, as in
the listing, but where BatchNorm's shift would follow and does not; the fully connected layers have one.
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
        full1=nn.Linear(dim, shape.units),
        **shape.after("_full1", shape.units, vector=True),
        full2=nn.Linear(shape.units, maps * shape.base**2),
        unflatten=nn.Unflatten(1, (maps, shape.base, shape.base)),
        **shape.after("_full2", maps),
    )
    repeat = "repeat", lambda: nn.Upsample(scale_factor=2, mode="nearest")
    layers |= stages(shape, maps, shape.sides, name="deconv", convolution=_transposed, resize=repeat)
    layers["pixels"] = nn.Conv2d(shape.width, shape.channels, 3, 1, 1, bias=False)
    return layers


def discriminator_layers(shape: NetworkShape) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""
    pool = "pool", lambda: nn.AvgPool2d(2)
    sides = shape.sides[::-1]
    return stages(
        shape, shape.channels, sides, name="conv", convolution=_convolution, first_normalised=False, resize=pool
    )


def _transposed(inputs: int, outputs: int, _side: int, bias: bool) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 3, 1, 1, bias=bias)


def _convolution(inputs: int, outputs: int, _side: int, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 1, 1, bias=bias)
