"""The discriminator, of whatever layers, and the heads that its logits are read with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dcgan.networks.layers import MinibatchStddev
from dcgan.networks.shape import Layers


@dataclass(frozen=True)
class Head:
    """How many logits the last layer gives an image, and `read`: logits (N, logits) to outputs (N,)."""

    logits: int
    read: Callable[[Tensor], Tensor]


def _probability(logits: Tensor) -> Tensor:
    """The probability of "real", in [0, 1], from its logit; in full precision, where it is 1 much later."""
    logits = logits.flatten()
    return (logits.float() if logits.dtype == torch.bfloat16 else logits).sigmoid()


def _difference(logits: Tensor) -> Tensor:
    """The logit of "real" minus that of "generated": the logit of the first of two probabilities under softmax."""
    real, generated = logits.unbind(1)
    return real - generated


HEADS = {"logit": Head(1, Tensor.flatten), "sigmoid": Head(1, _probability), "two_class": Head(2, _difference)}


class Discriminator(nn.Module):
    """Images (N, channels, size, size) in [-1, 1] to one output each, (N,): large means real.

    With packing the channels are those of a pack of images, and N counts packs. `body` makes the features, (N, C) or
    (N, C, H, W); `last` makes the head's logits of them, and of the batch's variety with `stddev`.
    """

    def __init__(self, body: Layers, last: nn.Module, *, head: Head, stddev: bool) -> None:
        super().__init__()
        variety = {"stddev": MinibatchStddev()} if stddev else {}
        self.main = nn.Sequential(Layers(body, **variety, logit=last))
        self._body = len(body)
        self._head = head

    def features(self, images: Tensor) -> Tensor:
        """Images to what the last layer sees of each, (N, F), without the batch's variety."""
        features: Tensor = self.main[: self._body](images)
        return features.flatten(1)

    def outputs_and_features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images to their outputs (N,) and the features (N, F) that those came from, in one pass."""
        features = self.main[: self._body](images)
        logits: Tensor = self.main[self._body :](features)
        return self._head.read(logits.flatten(1)), features.flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        """Images to outputs (N,): logits, or probabilities with the head `sigmoid`."""
        return self.outputs_and_features(images)[0]
