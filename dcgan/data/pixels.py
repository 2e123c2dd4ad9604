"""Pixels as bytes and as the numbers that the networks see, and pictures of one size and kind."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

RESIZE_RULE = "centre crop to a square, bilinear with antialiasing (Pillow's)"
_CHUNK = 4096  # images resized at once: keeps the temporary tensors small


def normalise(images: Tensor) -> Tensor:
    """uint8 pixels in [0, 255] as numbers of PyTorch's default type, float32, in [-1, 1]: x / 127.5 - 1."""
    return images.to(torch.get_default_dtype()).div_(127.5).sub_(1.0)


def to_uint8(images: Tensor) -> Tensor:
    """Floats in [-1, 1] as the nearest uint8 pixel; the exact inverse of `normalise`. Others are clipped.

    NaN has no pixel: check before (`torch.isfinite`).
    """
    return images.to(torch.float32).add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


def resize(images: Tensor, size: int) -> Tensor:
    """uint8 images (n, C, H, H) as (n, C, size, size), as Pillow's antialiased bilinear filter does."""
    if images.shape[-2:] == (size, size):
        return images
    chunks = [
        functional.interpolate(chunk, size=(size, size), mode="bilinear", antialias=True)
        for chunk in torch.split(images, _CHUNK)
    ]
    return torch.cat(chunks)


def with_channels(images: Tensor, channels: int) -> Tensor:
    """uint8 images (n, 1 or 3, H, W) with `channels` channels: grey is repeated, colour becomes luminance.

    Luminance is ITU-R 601's in Pillow's integer arithmetic: (19595 R + 38470 G + 7471 B + 2^15) / 2^16.
    """
    if images.shape[1] == channels:
        return images
    if channels == 3:
        return images.repeat(1, 3, 1, 1)
    weights = torch.tensor([19595, 38470, 7471], dtype=torch.int32).view(1, 3, 1, 1)
    chunks = [
        ((chunk.to(torch.int32) * weights).sum(dim=1, keepdim=True) + 0x8000) >> 16
        for chunk in torch.split(images, _CHUNK)
    ]
    return torch.cat(chunks).to(torch.uint8)
