"""Images from a generator, for scores and for looking at. Leaves the training untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dcgan.data.pixels import to_uint8
from dcgan.experiment import Latent
from dcgan.training.players import draw_noise

_BATCH = 250


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode (BatchNorm's running statistics) for the block; the mode before is restored."""
    before = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(before)


def sample(generator: nn.Module, latent: Latent, count: int, noise: torch.Generator) -> Tensor:
    """`count` images, uint8 (count, C, H, W) on the CPU, in full precision.

    `noise` is a CPU stream, so that every device starts from the same numbers.
    """
    return render(generator, draw_noise(latent, count, noise))


@torch.no_grad()
def render(generator: nn.Module, noise: Tensor) -> Tensor:
    """The images of given noise (N, dim), uint8 (N, C, H, W) on the CPU."""
    device = next(generator.parameters()).device
    with evaluating(generator):
        return torch.cat([to_uint8(generator(part.to(device))).cpu() for part in noise.split(_BATCH)])


def grid(images: Tensor) -> Tensor:
    """Images uint8 (N, C, H, W) as one picture, uint8 (H', W', 3), as square as can be."""
    from torchvision.utils import make_grid

    columns = max(1, round(len(images) ** 0.5))
    return make_grid(images, nrow=columns, padding=2, pad_value=255).permute(1, 2, 0).contiguous()
