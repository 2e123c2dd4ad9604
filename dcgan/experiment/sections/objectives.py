"""What the players minimise."""

from __future__ import annotations

from typing import Literal

from dcgan.experiment.sections.objective_choices import ADVERSARIAL_LOSSES, AdversarialLoss, LossName, PenaltyKind
from dcgan.experiment.sections.section import AboveZero, Fraction, Positive, Section, Weight


class Penalty(Section):
    """A gradient penalty added to the discriminator's loss."""

    kind: PenaltyKind = "none"
    weight: Weight = 10.0
    # Where the gradient is taken: at what D sees, or at the image before it is augmented and noise is added to it.
    at: Literal["augmented", "image"] = "augmented"
    every: Positive = 1  # only at every so many D steps, with a weight so many times as large (lazy)


class VirtualAdversarial(Section):
    """Local smoothness of D (Miyato et al. 2018): its output may not change much where it would change most."""

    weight: Weight = 0.0
    epsilon: AboveZero = 2.0  # length of the change, Euclidean, over all pixels in [-1, 1] of what D judges at once
    xi: AboveZero = 0.01  # length of the trial change from which the direction is found
    power_iterations: Positive = 1


class Objective(Section):
    """What the players minimise."""

    loss: LossName = "non_saturating"
    smoothing: Fraction = 0.0  # one-sided: D's target for real images is 1 less this
    clip: AboveZero = 0.01  # wasserstein without what bounds D's slope: D's weights are kept within -clip..clip
    epsilon: Weight = 1e-8  # head=sigmoid: log(p + epsilon), the listing's form
    scale: Literal["mean", "listing"] = "mean"  # `listing` divides both players' losses by the batch size once more
    # Weight of the distance between D's mean features of real and generated images (of the parts of an accumulated
    # batch), added to G's loss.
    feature_matching: Weight = 0.0
    penalty: Penalty = Penalty()
    virtual_adversarial: VirtualAdversarial = VirtualAdversarial()

    @property
    def chosen_loss(self) -> AdversarialLoss:
        """What there is to know of the loss."""
        return ADVERSARIAL_LOSSES[self.loss]
