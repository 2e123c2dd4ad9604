"""The judge of Stacked MNIST: which three digits MNIST's classifier reads in an image's channels.

Srivastava et al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN) judge 26,000 generated images so; which of the thousand
classes come up, and how often, is then scored.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan import sections
from dcgan.data import load
from dcgan.errors import DcganError
from dcgan.scoring.classifier import Classifier, Trained, classifier

SAMPLES = 26_000  # of the published scores: the KL divergence of fewer is larger, whoever made them
_BATCH = 1000  # images judged at once


def judge(size: int) -> Trained:
    """MNIST's classifier for digits of that size, from the cache or trained now; the published size is 28.

    Raises DcganError where MNIST is not there and cannot be downloaded.
    """
    return classifier(load(sections.Data(name="mnist", size=size, channels=1)))


@torch.no_grad()
def read_digits(network: Classifier, images: Tensor) -> Tensor:
    """The digit in each channel, int64 (n, 3) on the CPU: the class with the largest logit.

    images: uint8 (n, 3, H, H) on any device, of the size that `network` was trained on; it is judged where the network
    is. Raises DcganError for images of another shape or kind.
    """
    if images.dtype != torch.uint8 or images.dim() != 4 or images.shape[1] != 3:
        raise DcganError(
            f"images to read digits in are {images.dtype} {tuple(images.shape)}: expected uint8 (n, 3, H, H)"
        )
    found = [
        network(part.to(network.unit.device).flatten(0, 1).unsqueeze(1))[1].argmax(dim=1).view(-1, 3)
        for part in torch.split(images, _BATCH)
    ]
    return torch.cat(found).cpu()
