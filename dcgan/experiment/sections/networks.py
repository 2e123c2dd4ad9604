"""The players' networks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS, ArchitectureName, NetworkKind
from dcgan.experiment.sections.section import Fraction, Positive, Section


class NetworkSettings(Section):
    """What both players' networks have."""

    architecture: ArchitectureName = "dcgan"
    # Convolutions: channels at half the image's size (the article's ngf, ndf). MLP: an eighth of a layer's units.
    width: Positive = 64
    # Layers that change the image's size, or an MLP's layers. None: down to 4 x 4 pixels (7 x 7 at 28), `veegan` to
    # 2 x 2; an MLP has four.
    depth: Annotated[int, Field(ge=2)] | None = None
    normalisation: Literal["none", "batch", "layer", "instance", "group", "spectral"] = "batch"
    # `xavier_torch` and `he_torch` count a layer's connections as PyTorch does, `torch` is what its layers begin with.
    init: Literal["xavier", "he", "dcgan", "orthogonal", "torch", "xavier_torch", "he_torch"] = "xavier"
    slope: Fraction = 0.0  # of the negative side of the activation; 0 is ReLU

    @property
    def kind(self) -> NetworkKind:
        """What there is to know of the architecture."""
        return ARCHITECTURE_KINDS[self.architecture]


class GeneratorSettings(NetworkSettings):
    """The generator's network."""


class DiscriminatorSettings(NetworkSettings):
    """The discriminator's network: the article's listing has LeakyReLU(0.2) here."""

    slope: Fraction = 0.2
    # `logit`: one neuron, no activation. `sigmoid`: its probability (the listing). `two_class`: a score for "real" and
    # one for "generated", of which the difference is the logit of the softmax (the article's prose).
    head: Literal["logit", "sigmoid", "two_class"] = "logit"
    dropout: Fraction = 0.0  # share of each activation's outputs that is set to 0
    minibatch_stddev: bool = False  # the batch's variety as one more channel before the head
    pack: Positive = 1  # so many images, stacked as channels, are judged together (PacGAN)
