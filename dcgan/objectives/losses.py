"""Adversarial losses: logits in, a scalar out. A loss is a pair of functions, one for each player."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True)
class Loss:
    """`discriminator(real_logits, fake_logits)` and `generator(fake_logits)`; logits (N,), large means real."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


def _cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """-[log D(x) + log(1 - D(G(z)))], averaged: the article's loss_d in its stable form (Goodfellow et al. 2014)."""
    return softplus(-real).mean() + softplus(fake).mean()


def _non_saturating(fake: Tensor) -> Tensor:
    """-log D(G(z)), averaged: the article's loss_g (Goodfellow et al. 2014, section 3)."""
    return softplus(-fake).mean()


LOSSES: dict[str, Loss] = {"non_saturating": Loss(_cross_entropy, _non_saturating)}
