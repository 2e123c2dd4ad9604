"""Images from a generator, for scores and for looking at, also as PNG files. Leaves the training untouched."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.utils import make_grid

from dcgan.common.files import write_atomically
from dcgan.data.pixels import to_uint8
from dcgan.experiment.sections import Latent
from dcgan.training.latent import draw_noise

_BATCH = 256  # a multiple of 16, by which PyTorch draws normal noise: it is then that drawn at once, but for its end
_PARALLEL = 1e-3  # the sine of an angle that marks no plane to turn in


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
    return torch.cat(list(batches(generator, latent, count, noise)))


def batches(generator: nn.Module, latent: Latent, count: int, noise: torch.Generator) -> Iterator[Tensor]:
    """The images of `sample`, batch by batch, so that no more than one is held."""
    for start in range(0, count, _BATCH):
        yield render(generator, draw_noise(latent, min(_BATCH, count - start), noise))


@torch.no_grad()
def render(generator: nn.Module, noise: Tensor) -> Tensor:
    """The images of given noise (N, dim), uint8 (N, C, H, W) on the CPU."""
    device = next(generator.parameters()).device
    with evaluating(generator):
        return torch.cat([to_uint8(generator(part.to(device))).cpu() for part in torch.split(noise, _BATCH)])


def walk(latent: Latent, count: int, steps: int, noise: torch.Generator) -> Tensor:
    """Noise (count, dim) that goes from one draw to the next in `steps` steps each.

    Between normal draws along the great circle, keeping the length that the generator is used to (White 2016,
    equation 1); between others, and between such as lie in one line, along the line: it leaves no cube.
    """
    ends = draw_noise(latent, -(-count // steps) + 1, noise)
    share = torch.arange(steps)[:, None] / steps
    legs = [_between(latent, start, end, share) for start, end in itertools.pairwise(ends)]
    return torch.cat(legs)[:count]


def _between(latent: Latent, start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    angle = torch.arccos(torch.cosine_similarity(start, end, dim=0).clamp(-1, 1))
    if latent.distribution != "normal" or angle.sin() < _PARALLEL:
        return torch.lerp(start, end, share)
    return ((1 - share) * angle).sin() / angle.sin() * start + (share * angle).sin() / angle.sin() * end


def write_grid(images: Tensor, path: Path) -> None:
    """Writes images uint8 (N, C, H, W) as one picture, as square as can be."""
    columns = max(1, round(len(images) ** 0.5))
    _write(make_grid(images, nrow=columns, padding=2, pad_value=255), path)


def write_folder(images: Tensor, folder: Path) -> None:
    """Writes images uint8 (N, C, H, W) as `000000.png`, `000001.png`, ... into a folder."""
    for number, image in enumerate(images):
        _write(image, folder / f"{number:06d}.png")


def _write(image: Tensor, path: Path) -> None:
    pixels = image.permute(1, 2, 0).squeeze(-1).numpy()  # (H, W) for grey, (H, W, 3) for colour
    picture = Image.fromarray(pixels)
    write_atomically(path, lambda file: picture.save(file, "PNG"))
