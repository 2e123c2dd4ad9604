"""How the players are trained, and for how long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcgan.experiment.sections.section import AboveZero, Count, Fraction, Positive, Section, Weight


class PlayerOptimizer(Section):
    """One player's optimizer; settings that a kind does not have are ignored by it."""

    kind: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    lr: AboveZero = 2e-4
    beta1: Fraction = 0.5  # adam, adamw
    beta2: Fraction = 0.999  # adam, adamw
    alpha: Fraction = 0.99  # rmsprop
    momentum: Fraction = 0.0  # rmsprop, sgd
    weight_decay: Weight = 0.01  # adamw


class Optimizers(Section):
    """Both players' optimizers."""

    generator: PlayerOptimizer = PlayerOptimizer()
    discriminator: PlayerOptimizer = PlayerOptimizer()


class Schedule(Section):
    """How the learning rates of both players change.

    `step` multiplies them by `factor` once every `every_epochs`, `exponential` as much but a little at each step;
    `linear` and `cosine` go from 1 to 0 over the budget. Pre-training comes before all of this, at the full rates.
    """

    kind: Literal["constant", "step", "exponential", "linear", "cosine"] = "constant"
    every_epochs: Positive = 25  # step, exponential
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.5  # step, exponential
    warmup_epochs: Weight = 0.0  # linearly from 0 to the schedule's rate over so many epochs, which may be a fraction


class Update(Section):
    """Who steps when, on how many images."""

    order: Literal["d_first", "simultaneous"] = "d_first"
    d_steps: Positive = 1
    g_steps: Positive = 1  # after D's, each on new noise
    batch: Positive = 100
    # So many images at most go through a network at once: a larger batch is accumulated from equal parts, which is what
    # batch statistics are then taken over.
    micro_batch: Positive = 1000
    leak: bool = False  # the listing's: G's step adds the gradient of D's loss, since fakes are not detached


class Replay(Section):
    """The history of generated images from which a share of D's fake batch is drawn."""

    share: Fraction = 0.0
    capacity: Positive = 1000


class Pretrain(Section):
    """Three stages before adversarial training: G makes images, D learns them from real ones, G learns against D."""

    images: Count = 0  # in whole batches; 0: no pre-training
    epochs: Positive = 1  # passes over those images in each of the two learning stages
    warmup_images: Count = 0  # real images of adversarial training before G makes its images


class Augment(Section):
    """What is done to every image that D sees, real or generated, with G's gradient passing through."""

    instance_noise: Weight = 0.0  # standard deviation at the start, falling linearly to 0 over the budget
    color: bool = False  # DiffAugment: brightness, saturation, contrast
    translation: bool = False  # DiffAugment: by up to an eighth of the image
    cutout: bool = False  # DiffAugment: a square of half the image's size

    @property
    def changes(self) -> bool:
        """Whether D sees anything but the images themselves."""
        return bool(self.instance_noise or self.color or self.translation or self.cutout)


class Average(Section):
    """A running average of G's weights, which is then what is scored, sampled and kept."""

    # Real images after which a weight's share has halved, less in the beginning; 0: no average.
    half_life: Count = 0


class Budget(Section):
    """How long: an epoch is a number of real images, whatever the data set's size (the article's 10,000)."""

    epochs: Positive = 100
    images_per_epoch: Positive = 10_000

    @property
    def images(self) -> int:
        """Real images that D sees in adversarial training."""
        return self.epochs * self.images_per_epoch
