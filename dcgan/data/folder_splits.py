"""Which image of a folder is in which split, so that copies of a picture are in one and the same."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan.data.alike import numbered
from dcgan.data.dataset import SPLITS, split_off

SHARES = {"validation": 0.1, "test": 0.2}  # of a folder's images; the rest is to train on
OF_TRAIN = 0.1  # of the training folder, to validate on where no folder is for that


def drawn(picture: Tensor, shares: dict[str, float]) -> dict[str, Tensor]:
    """Disjoint numbers of images by split, of `picture` (n): which picture each image shows.

    The shares are of different pictures. Where each image is another picture the splits are those of `split_off`.
    """
    among = numbered(picture.tolist())
    parts = split_off(int(among.max()) + 1, shares)
    return {split: torch.isin(among, part).nonzero().flatten() for split, part in parts.items()}


def completed(given: dict[str, Tensor], picture: Tensor) -> dict[str, Tensor]:
    """The three splits, of the numbers of images in those that are `given`: train with validation, test or both.

    Validation images without a test are the test. A tenth of the training images validates where nothing else does.
    Of pictures in several splits the test keeps all copies, else validation. A split may come out empty.
    """
    splits = dict(given)
    if "test" not in splits:
        splits["test"] = splits.pop("validation")
    kept: dict[str, Tensor] = {}
    for split in ("test", "validation", "train"):
        if split in splits:
            own = splits[split]
            elsewhere = torch.cat([picture[:0], *(picture[other] for other in kept.values())])
            kept[split] = own[~torch.isin(picture[own], elsewhere)]
    if "validation" not in kept:
        train = kept["train"]
        parts = drawn(picture[train], {"validation": OF_TRAIN}) if len(train) else {"validation": train, "train": train}
        kept |= {split: train[part] for split, part in parts.items()}
    return {split: kept[split] for split in SPLITS}
