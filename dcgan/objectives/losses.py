"""Adversarial losses: D's outputs in, a scalar out. A loss: what each player minimises, what is reported as D(x).

D's outputs (N,) are logits or other unbounded numbers, large means real; with discriminator.head=sigmoid they are
probabilities in [0, 1]. `two_class` gives the difference of its two logits, which is the logit of their softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from dcgan.experiment.sections import Objective

Outputs = Callable[[Tensor], Tensor]  # of D's outputs (N,), one number each
Pairs = Callable[[Tensor, Tensor], Tensor]  # of D's outputs on real and on generated images, (N,) each


@dataclass(frozen=True)
class Loss:
    """From D's outputs (N,) on real and on generated images to the scalar that each player minimises.

    `generator` reads `real` only where the loss is `paired`; elsewhere an empty tensor will do. A paired loss compares
    the outputs one by one: as many real as generated images, and no gradient goes through `real`.
    `reported_output(outputs)` is what is reported as D(x), (N,): D's probability where the loss is a cross-entropy,
    else its output as it is.
    """

    discriminator: Pairs
    generator: Pairs
    reported_output: Outputs


@dataclass(frozen=True)
class _CrossEntropyTerms:
    """How D's outputs (N,) are read as the probability p of "real": -log p, -log(1 - p) and p itself, each (N,)."""

    not_real: Outputs
    not_fake: Outputs
    probability: Outputs


def build_loss(objective: Objective, head: str) -> Loss:
    """The chosen loss for D's outputs from that head (`logit`, `sigmoid`, `two_class`).

    The means over the batch; `objective.scale` is the caller's. With `smoothing` s, D's target for real images is 1 - s
    (Salimans et al. 2016, section 3.4; one-sided: 0 stays the target for generated ones).
    """
    return LOSSES[objective.loss](objective, head)


def _cross_entropy_terms(objective: Objective, head: str) -> _CrossEntropyTerms:
    """Stable on logits. On probabilities it is the article's listing: `objective.epsilon` inside each logarithm."""
    if head == "sigmoid":
        epsilon = objective.epsilon
        return _CrossEntropyTerms(
            not_real=lambda p: -(p + epsilon).log(),
            not_fake=lambda p: -(1 - p + epsilon).log(),
            probability=lambda p: p,
        )
    return _CrossEntropyTerms(not_real=lambda logits: softplus(-logits), not_fake=softplus, probability=torch.sigmoid)


def _cross_entropy(terms: _CrossEntropyTerms, smoothing: float) -> Pairs:
    """-[log D(x) + log(1 - D(G(z)))], averaged: the article's loss_d (Goodfellow et al. 2014, equation 1).

    Smoothed, the first term is -(1 - s) log D(x) - s log(1 - D(x)).
    """

    def smoothed(real: Tensor) -> Tensor:
        return (1 - smoothing) * terms.not_real(real) + smoothing * terms.not_fake(real)

    on_real = smoothed if smoothing else terms.not_real
    return lambda real, fake: on_real(real).mean() + terms.not_fake(fake).mean()


def _non_saturating(objective: Objective, head: str) -> Loss:
    """G minimises -log D(G(z)): the article's loss_g (Goodfellow et al. 2014, section 3)."""
    terms = _cross_entropy_terms(objective, head)
    return Loss(
        discriminator=_cross_entropy(terms, objective.smoothing),
        generator=lambda _real, fake: terms.not_real(fake).mean(),
        reported_output=terms.probability,
    )


def _minimax(objective: Objective, head: str) -> Loss:
    """G minimises log(1 - D(G(z))), what D maximises (Goodfellow et al. 2014, equation 1): flat where D is sure."""
    terms = _cross_entropy_terms(objective, head)
    return Loss(
        discriminator=_cross_entropy(terms, objective.smoothing),
        generator=lambda _real, fake: -terms.not_fake(fake).mean(),
        reported_output=terms.probability,
    )


def _least_squares(objective: Objective, _head: str) -> Loss:
    """Half the squared distance to the target: 1 for real images, 0 for generated ones, 1 for G.

    Mao et al. 2017, equation 9: equation 2 with a = 0 and b = c = 1. Smoothed, b = 1 - s.
    """
    target = 1 - objective.smoothing
    return Loss(
        discriminator=lambda real, fake: ((real - target).square().mean() + fake.square().mean()) / 2,
        generator=lambda _real, fake: (fake - 1).square().mean() / 2,
        reported_output=_as_it_is,
    )


def _hinge(_objective: Objective, _head: str) -> Loss:
    """D: max(0, 1 - D(x)) + max(0, 1 + D(G(z))); G: -D(G(z)).

    Lim and Ye 2017; Miyato et al. 2018 (spectral normalisation), equations 16 and 17.
    """
    return Loss(
        discriminator=lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
        generator=lambda _real, fake: -fake.mean(),
        reported_output=_as_it_is,
    )


def _wasserstein(_objective: Objective, _head: str) -> Loss:
    """D: D(G(z)) - D(x); G: -D(G(z)). Arjovsky et al. 2017, equation 2 and algorithm 1.

    D has to have a bounded slope for it, from a penalty or from clipped weights: the caller's.
    """
    return Loss(
        discriminator=lambda real, fake: fake.mean() - real.mean(),
        generator=lambda _real, fake: -fake.mean(),
        reported_output=_as_it_is,
    )


def _relativistic(_objective: Objective, _head: str) -> Loss:
    """Relativistic pairing: a real image beside each generated one, and only their difference counts.

    D: log(1 + exp(-(D(x) - D(G(z))))); G: log(1 + exp(-(D(G(z)) - D(x)))). Jolicoeur-Martineau 2019; Huang et al. 2024
    (R3GAN), section 2, who add R1 and R2.
    """
    return Loss(
        discriminator=lambda real, fake: softplus(fake - real).mean(),
        generator=lambda real, fake: softplus(real - fake).mean(),
        reported_output=_as_it_is,
    )


def _as_it_is(outputs: Tensor) -> Tensor:
    return outputs


# Each has an entry in `ADVERSARIAL_LOSSES`, which says what it goes with; the tests hold the two together.
LOSSES: dict[str, Callable[[Objective, str], Loss]] = {
    "non_saturating": _non_saturating,
    "minimax": _minimax,
    "least_squares": _least_squares,
    "hinge": _hinge,
    "wasserstein": _wasserstein,
    "relativistic": _relativistic,
}
