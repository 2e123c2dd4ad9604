"""Stacked MNIST: three random digits as the channels of one image, which makes a thousand classes.

Metz et al. 2017 (unrolled GANs) count on it how many classes a generator leaves out. The triples are as Srivastava et
al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN) have them: 128,000 to train on, of MNIST's training and test digits
together. Theirs are other ones in each of their runs; here they are fixed for good, whatever the experiment's seed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

# Their 128,000, and as many more of their own as their scores look at (test) and as is usual here (validation).
COUNTS = {"train": 128_000, "validation": 10_000, "test": 26_000}
CLASSES = tuple(f"{number:03}" for number in range(1000))
_SEED = 20260410  # never changed: it decides which digits are in which triple


def draw(digits: int) -> dict[str, Tensor]:
    """Three numbers below `digits` for each image of each split, int64 (n, 3), fixed by `digits` alone.

    All are drawn independently, so a digit stands in several triples, also of different splits.
    """
    # RandomState's stream is frozen by numpy for good, unlike torch's and numpy's newer generators.
    random = np.random.RandomState(_SEED)
    return {
        split: torch.from_numpy(random.randint(digits, size=(count, 3), dtype=np.int64))
        for split, count in COUNTS.items()
    }


def stack(digits: Tensor, labels: Tensor, triples: Tensor) -> tuple[Tensor, Tensor]:
    """Images uint8 (n, 3, H, H) and classes int64 (n), 100 a + 10 b + c for the digits a, b, c in their channels.

    digits: uint8 (m, 1, H, H); labels: int64 (m) in 0 to 9; triples: int64 (n, 3) below m.
    """
    return digits.squeeze(1)[triples], labels[triples] @ torch.tensor([100, 10, 1])
