"""The sections of an experiment, one for each thing that a tip or a user may change.

Each is immutable and checks its own values; what must fit together across sections is `dcgan.experiment`'s business.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]

CHANNELS = {"digits": 1, "mnist": 1, "fashion-mnist": 1, "cifar10": 3, "folder": 3}


class Section(BaseModel):
    """A part of an experiment: immutable, no unknown keys, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Data(Section):
    """The images: which, how large, how many channels."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # a folder may be called 2024

    name: Literal["digits", "mnist", "fashion-mnist", "cifar10", "folder"] = "mnist"
    size: Literal[16, 32, 64, 128] = 64
    channels: Literal[1, 3] | None = None  # None: the data set's own (a folder's: colour)
    folder: str | None = None  # for `folder`: where the images are
    fingerprint: str | None = None  # for `folder`: filled in from the files' contents

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.name == "folder") != (self.folder is not None):
            raise ValueError("data.name=folder and data.folder=PATH go together: give both or neither")
        if self.channels is None:
            object.__setattr__(self, "channels", CHANNELS[self.name])
        return self

    @property
    def shape(self) -> tuple[int, int, int]:
        """An image's (channels, height, width)."""
        return self.channels or CHANNELS[self.name], self.size, self.size


class Latent(Section):
    """The noise that the generator turns into images."""

    dim: Positive = 100
    distribution: Literal["normal", "uniform"] = "normal"


class Network(Section):
    """One player's network."""

    width: Positive = 64  # channels at half the image's size (the article's ngf, ndf)
    normalisation: Literal["none", "batch"] = "batch"
    init: Literal["xavier", "he", "dcgan", "torch"] = "xavier"
    slope: Fraction = 0.0  # of the negative side of the activation; 0 is ReLU


class Discriminator(Network):
    """The discriminator's network: the article's listing has LeakyReLU(0.2) here."""

    slope: Fraction = 0.2


class Penalty(Section):
    """A gradient penalty added to the discriminator's loss."""

    kind: Literal["none", "wgan_gp"] = "none"
    weight: Weight = 10.0


class Objective(Section):
    """What the players minimise."""

    loss: Literal["non_saturating"] = "non_saturating"
    penalty: Penalty = Penalty()


class PlayerOptimizer(Section):
    """One player's optimizer; settings that a kind does not have are ignored by it."""

    kind: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    lr: Annotated[float, Field(gt=0)] = 2e-4
    beta1: Fraction = 0.5  # adam, adamw
    beta2: Fraction = 0.999  # adam, adamw
    alpha: Fraction = 0.99  # rmsprop
    momentum: Fraction = 0.0  # rmsprop, sgd


class Optimizers(Section):
    """Both players' optimizers."""

    generator: PlayerOptimizer = PlayerOptimizer()
    discriminator: PlayerOptimizer = PlayerOptimizer()


class Schedule(Section):
    """How the learning rates of both players change over the epochs."""

    kind: Literal["constant", "step"] = "constant"
    every_epochs: Positive = 25  # step: multiply by `factor` once every so many epochs
    factor: Annotated[float, Field(gt=0, le=1)] = 0.5


class Update(Section):
    """Who steps when, on how many images."""

    order: Literal["d_first", "simultaneous"] = "d_first"
    d_steps: Positive = 1
    batch: Annotated[int, Field(ge=2)] = 100


class Replay(Section):
    """The history of generated images from which a share of D's fake batch is drawn."""

    share: Fraction = 0.0
    capacity: Positive = 1000


class Pretrain(Section):
    """Three stages before adversarial training: G makes images, D learns them from real ones, G learns against D."""

    images: Annotated[int, Field(ge=0)] = 0  # 0: no pre-training
    epochs: Positive = 1  # passes over those images in each of the two learning stages


class Budget(Section):
    """How long: an epoch is a number of real images, whatever the data set's size (the article's 10,000)."""

    epochs: Positive = 100
    images_per_epoch: Positive = 10_000

    @property
    def images(self) -> int:
        """Real images that D sees in adversarial training."""
        return self.epochs * self.images_per_epoch


class Score(Section):
    """How the generator is judged. Intermediate scores use the validation split, the final ones `split`."""

    extractor: Literal["classifier", "inception", "none"] = "classifier"
    split: Literal["test", "train"] = "test"
    samples: Annotated[int, Field(ge=2)] | None = None  # None: as many as the split has, at most 10,000
    every_epochs: Annotated[int, Field(ge=0)] = 0  # 0: only at the end; else before the first epoch, too


class Tracking(Section):
    """Who watches. Nothing here can change a result."""

    wandb: Literal["auto", "online", "offline", "disabled"] = "auto"  # auto: online when logged in
    project: str = "dcgan-ablations"
    entity: str | None = None
    group: str | None = None
    tick_images: Positive = 2_000  # one row of metrics.csv per so many images
    checkpoint_seconds: Weight = 60.0
    grid: Annotated[int, Field(ge=1, le=400)] = 64  # images in a sample grid


class Compute(Section):
    """The arithmetic. `device` and `threads` are not part of the id; `precision` is."""

    device: str = "auto"
    threads: Positive | None = None  # None: all cores, shared between the workers of a study
    precision: Literal["fp32", "bf16"] = "fp32"
