"""Dataset: the images of a data set in three splits, and the fingerprint of their contents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

SPLITS = ("train", "validation", "test")
_SPLIT_SEED = 20260401  # never changed: it decides which image is in which split


@dataclass(frozen=True)
class Dataset:
    """Images and labels by split: `train`, `validation` and `test`, which share no image file.

    images: uint8 (n, channels, size, size); labels: int64 (n) in [0, len(classes)), None when there are none;
    fingerprint: 16 hexadecimal digits over pixels, shapes and labels.
    """

    name: str
    images: dict[str, Tensor]
    labels: dict[str, Tensor] | None
    classes: tuple[str, ...]
    fingerprint: str

    @property
    def size(self) -> int:
        """Height and width of an image."""
        return int(self.images["train"].shape[-1])

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return int(self.images["train"].shape[1])

    def to(self, device: torch.device | str) -> Dataset:
        """The same data held on a device."""
        labels = None if self.labels is None else {split: of.to(device) for split, of in self.labels.items()}
        return replace(self, images={split: of.to(device) for split, of in self.images.items()}, labels=labels)


def build(name: str, images: dict[str, Tensor], labels: dict[str, Tensor] | None, classes: tuple[str, ...]) -> Dataset:
    """A Dataset with its fingerprint, from tensors on the CPU."""
    images = {split: of.contiguous() for split, of in images.items()}
    return Dataset(name, images, labels, classes, _fingerprint(images, labels))


def split_off(count: int, shares: dict[str, float]) -> dict[str, Tensor]:
    """Disjoint indices into `count` items: each named share of them, at least one, and `train` for the rest.

    The permutation is fixed by `count` alone, whatever the experiment's seed; a split keeps the items' order.
    """
    # RandomState's stream is frozen by numpy for good, unlike torch's and numpy's newer generators.
    order = np.random.RandomState(_SPLIT_SEED).permutation(count)
    indices: dict[str, Tensor] = {}
    start = 0
    for split, share in shares.items():
        end = start + max(1, round(count * share))
        indices[split] = torch.from_numpy(np.sort(order[start:end]))
        start = end
    indices["train"] = torch.from_numpy(np.sort(order[start:]))
    return indices


def _fingerprint(images: dict[str, Tensor], labels: dict[str, Tensor] | None) -> str:
    digest = hashlib.sha256()
    for split in SPLITS:
        parts = [images[split]] if labels is None else [images[split], labels[split]]
        for part in parts:
            digest.update(f"{split} {tuple(part.shape)} {part.dtype} ".encode())
            digest.update(part.numpy().data)
    return digest.hexdigest()[:16]
