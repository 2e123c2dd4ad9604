"""The losses and gradient penalties that there are, as data: what the rest of the program asks about each.

An entry makes a name that `objective.loss` or `objective.penalty.kind` takes, with the rules, the page and the tests
that follow from it. What is computed stands under the same name in `dcgan.objectives`; importing this imports no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class AdversarialLoss:
    """What there is to know of a loss, besides how it is computed.

    `discriminator` and `generator` are what the players minimise, averaged over the batch: formulas in Python's
    spelling of `real`, D's output for a real image, and `fake`, that for a generated one, as the source has them. The
    program computes them in a stable form, and the tests hold that to these.

    `cross_entropy`: D's output is the logit of the probability of "real", so that every head can give it and virtual
    adversarial training can compare it. `smoothable`: it has a target for real images, which label smoothing lowers.
    `bounded_slope`: without a bound on D's slope there is no least value, so that D's weights are clipped where nothing
    else bounds it. `paired`: G's loss, too, reads D's outputs on real images, one beside each generated image.
    """

    source: str
    discriminator: str
    generator: str
    cross_entropy: bool = False
    smoothable: bool = False
    bounded_slope: bool = False
    paired: bool = False


ADVERSARIAL_LOSSES: dict[str, AdversarialLoss] = {
    "non_saturating": AdversarialLoss(
        "the article's; Goodfellow et al. 2014, section 3",
        discriminator="log(1 + exp(-real)) + log(1 + exp(fake))",
        generator="log(1 + exp(-fake))",
        cross_entropy=True,
        smoothable=True,
    ),
    "minimax": AdversarialLoss(
        "Goodfellow et al. 2014, equation 1",
        discriminator="log(1 + exp(-real)) + log(1 + exp(fake))",
        generator="-log(1 + exp(fake))",
        cross_entropy=True,
        smoothable=True,
    ),
    "least_squares": AdversarialLoss(
        "Mao et al. 2017, equation 9",
        discriminator="((real - 1)**2 + fake**2) / 2",
        generator="(fake - 1)**2 / 2",
        smoothable=True,
    ),
    "hinge": AdversarialLoss(
        "Lim and Ye 2017; Miyato et al. 2018 (spectral normalisation), equations 16 and 17",
        discriminator="max(0, 1 - real) + max(0, 1 + fake)",
        generator="-fake",
    ),
    "wasserstein": AdversarialLoss(
        "Arjovsky et al. 2017, equation 2 and algorithm 1",
        discriminator="fake - real",
        generator="-fake",
        bounded_slope=True,
    ),
    "relativistic": AdversarialLoss(
        "relativistic pairing: Jolicoeur-Martineau 2019; with R1 + R2: Huang et al. 2024 (R3GAN)",
        discriminator="log(1 + exp(-(real - fake)))",
        generator="log(1 + exp(-(fake - real)))",
        paired=True,
    ),
}


@dataclass(frozen=True)
class GradientPenalty:
    """What there is to know of a penalty, besides how it is computed: `formula` says it in words of its source.

    `draws`: it takes random numbers.
    """

    source: str
    formula: str
    draws: bool = False


GRADIENT_PENALTIES: dict[str, GradientPenalty] = {
    "wgan_gp": GradientPenalty(
        "Gulrajani et al. 2017, equation 3",
        "(|grad D| - 1)^2 between real and generated images",
        draws=True,
    ),
    "dragan": GradientPenalty(
        "Kodali et al. 2017, section 2.4",
        "(|grad D| - 1)^2 around real images",
        draws=True,
    ),
    "r1": GradientPenalty("Mescheder et al. 2018, equation 9", "|grad D|^2 / 2 at real images"),
    "r2": GradientPenalty("Mescheder et al. 2018, equation 10", "|grad D|^2 / 2 at generated images"),
    "r1_r2": GradientPenalty("Huang et al. 2024 (R3GAN)", "|grad D|^2 / 2 at real images, plus that at generated ones"),
}

# Any type of these names will do for mypy; pydantic, which checks what is given, has the names themselves.
if TYPE_CHECKING:
    LossName = str
    PenaltyKind = str
else:
    LossName = Literal[tuple(ADVERSARIAL_LOSSES)]
    PenaltyKind = Literal[("none", *GRADIENT_PENALTIES)]
