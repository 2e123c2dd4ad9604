"""The article's generator and discriminator: all-convolutional, for any size that is a power of two.

Radford, Metz and Chintala 2016; layer by layer the article's listing, which is the 64 x 64 case. Layers are
named, so that a layer keeps its name (and with it its initial weights) whatever else is toggled.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from dcgan.networks.layers import activation, normalisation


def doublings(size: int) -> int:
    """How often 4 pixels double to `size` pixels: 2 for 16, 4 for 64."""
    return (size // 4).bit_length() - 1


class Generator(nn.Module):
    """Noise (N, dim) to images (N, channels, size, size) in [-1, 1]."""

    def __init__(self, *, dim: int, channels: int, size: int, width: int, norm: str, slope: float) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        before, out = dim, width * 2 ** (doublings(size) - 1)
        pixels, stride, padding = 4, 1, 0
        while pixels < size:
            layers[f"up{pixels}"] = nn.ConvTranspose2d(before, out, 4, stride, padding, bias=False)
            layers[f"norm{pixels}"] = normalisation(norm, out)
            layers[f"act{pixels}"] = activation(slope)
            before, out = out, out // 2
            pixels, stride, padding = pixels * 2, 2, 1
        layers[f"up{pixels}"] = nn.ConvTranspose2d(before, channels, 4, 2, 1, bias=False)
        layers["tanh"] = nn.Tanh()
        self.main = nn.Sequential(layers)

    def forward(self, noise: Tensor) -> Tensor:
        """Noise of shape (N, dim) or (N, dim, 1, 1) to images."""
        images: Tensor = self.main(noise.reshape(noise.shape[0], -1, 1, 1))
        return images


class Discriminator(nn.Module):
    """Images (N, channels, size, size) in [-1, 1] to one logit each, (N,): large means real."""

    def __init__(self, *, channels: int, size: int, width: int, norm: str, slope: float) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        before, out, pixels = channels, width, size
        while pixels > 4:
            pixels //= 2
            layers[f"down{pixels}"] = nn.Conv2d(before, out, 4, 2, 1, bias=False)
            if pixels != size // 2:  # none on the first layer
                layers[f"norm{pixels}"] = normalisation(norm, out)
            layers[f"act{pixels}"] = activation(slope)
            before, out = out, out * 2
        layers["logit"] = nn.Conv2d(before, 1, 4, 1, 0, bias=False)
        self.main = nn.Sequential(layers)

    def forward(self, images: Tensor) -> Tensor:
        """Images to logits (N,)."""
        logits: Tensor = self.main(images)
        return logits.reshape(-1)
