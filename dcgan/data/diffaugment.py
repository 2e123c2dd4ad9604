"""DiffAugment: random changes of images that gradients pass through, for every image that D sees.

Zhao, Liu, Lin, Zhu and Han 2020, section 3.2 and appendix, with the numbers of the authors' code. Each function takes
images (N, C, H, W) in [-1, 1], on any device, and a generator of random numbers there, draws for each image anew and
returns images of the same shape. What is moved in or cut out is 0, the middle grey of such images, as the authors' is.
Nothing is clipped: colours may leave [-1, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def color(images: Tensor, generator: torch.Generator) -> Tensor:
    """Brightness, then saturation, then contrast.

    A number from [-0.5, 0.5) is added; the distance from the pixel's mean over channels is multiplied by one from
    [0, 2); the distance from the image's mean by one from [0.5, 1.5). With one channel a pixel is its own mean over
    channels: saturation has no effect.
    """
    images = images + (_share(images, generator) - 0.5)
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * (2 * _share(images, generator))
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (_share(images, generator) + 0.5)


def translation(images: Tensor, generator: torch.Generator) -> Tensor:
    """Moves each image by whole pixels, up to an eighth of its height and width either way; 0 moves in.

    An eighth is rounded to the nearest pixel, as in the authors' code: 4 at 28.
    """
    count, channels, height, width = images.shape
    down, right = (height + 4) // 8, (width + 4) // 8
    rows = torch.arange(height, device=images.device) + _offset(count, 2 * down + 1, generator)
    columns = torch.arange(width, device=images.device) + _offset(count, 2 * right + 1, generator)
    padded = functional.pad(images, (right, right, down, down))
    moved = padded.gather(2, rows.view(count, 1, height, 1).expand(-1, channels, -1, padded.shape[3]))
    return moved.gather(3, columns.view(count, 1, 1, width).expand(-1, channels, height, -1))


def cutout(images: Tensor, generator: torch.Generator) -> Tensor:
    """Sets a rectangle of half the height and width to 0, around any pixel: at an edge, part of it lies outside."""
    count, _, height, width = images.shape
    rows = _half(count, height, generator).view(count, 1, height, 1)
    columns = _half(count, width, generator).view(count, 1, 1, width)
    return images.masked_fill(rows & columns, 0)


def _half(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Where each of `count` stretches of half the size covers a side of that many pixels: bool (count, size)."""
    length = size // 2
    # An even length has no middle pixel: its middle may be the far edge, too.
    start = _offset(count, size + 1 - length % 2, generator) - length // 2
    pixels = torch.arange(size, device=generator.device)
    return (start <= pixels) & (pixels < start + length)


def _share(images: Tensor, generator: torch.Generator) -> Tensor:
    """One number from [0, 1) for each image: (N, 1, 1, 1)."""
    return torch.rand(images.shape[0], 1, 1, 1, generator=generator, device=images.device, dtype=images.dtype)


def _offset(count: int, below: int, generator: torch.Generator) -> Tensor:
    """One whole number from 0 to `below` - 1 for each image: (count, 1)."""
    return torch.randint(below, (count, 1), generator=generator, device=generator.device)
