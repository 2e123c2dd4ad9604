"""The judge of Stacked MNIST: MNIST's classifier, which reads the digit in each channel of an image.

Srivastava et al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN) judge 26,000 generated images so; which of the thousand
classes come up, and how often, is then scored.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from dcgan.data import load
from dcgan.experiment import sections
from dcgan.scoring.classifier import Classifier, Trained, classifier, from_bytes

SAMPLES = 26_000  # of the published scores: the KL divergence of fewer is larger, whoever made them


def digit_classifier(size: int) -> Trained:
    """MNIST's classifier for digits of that size, from the cache or trained now; the published size is 28.

    Raises DcganError where MNIST is not there and cannot be downloaded.
    """
    return classifier(load(sections.Data(name="mnist", size=size, channels=1)))


def digit_classifier_from_bytes(weights: bytes, size: int) -> Classifier | None:
    """That classifier from the bytes of it; None if they are damaged."""
    return from_bytes(weights, size, channels=1, classes=10)


class DigitReader(nn.Module):
    """Images (n, 3, H, H), uint8, by a classifier of digits, channel by channel, in double precision.

    Features: those of the three channels side by side. Logits: of the thousand triples, 100 a + 10 b + c, as if the
    digits were independent, so that the largest is that of the three largest.
    """

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).double()

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features (n, 192), the same in units of their size, and logits (n, 1000)."""
        features, logits = self.network(images.flatten(0, 1).unsqueeze(1))
        first, second, third = logits.log_softmax(dim=1).view(len(images), 3, -1).unbind(dim=1)
        triples = first[:, :, None, None] + second[:, None, :, None] + third[:, None, None, :]
        beside = features.view(len(images), -1)
        return beside, beside / self.network.unit, triples.flatten(1)


def digits(logits: Tensor) -> Tensor:
    """The digit in each channel, int64 (n, 3), from the logits of triples (n, 1000)."""
    triple = logits.argmax(dim=1)
    return torch.stack([triple // 100, triple // 10 % 10, triple % 10], dim=1)
