"""The generator, of whatever layers."""

from __future__ import annotations

from torch import Tensor, nn

from dcgan.networks.shape import Layers


class Generator(nn.Module):
    """Noise (N, dim) to images (N, channels, size, size) in [-1, 1]; `layers` take noise (N, dim, 1, 1)."""

    def __init__(self, layers: Layers) -> None:
        super().__init__()
        self.main = nn.Sequential(Layers(layers, tanh=nn.Tanh()))

    def forward(self, noise: Tensor) -> Tensor:
        """Noise of shape (N, dim) or (N, dim, 1, 1) to images."""
        images: Tensor = self.main(noise.reshape(noise.shape[0], -1, 1, 1))
        return images
