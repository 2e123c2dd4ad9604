"""What a player's layers are built from: the measures of its network, in the terms that all architectures share."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Self

from torch import nn

from dcgan.experiment import Experiment
from dcgan.experiment.description import SHIFTLESS, Player
from dcgan.networks.layers import Dropout, activation, normalisation

Layers = OrderedDict[str, nn.Module]


@dataclass(frozen=True, kw_only=True)
class NetworkShape:
    """The measures of a network between `size` x `size` images and `base` x `base` maps, or vectors of `units`."""

    channels: int  # of an image, or of all images in a pack
    size: int
    width: int
    depth: int
    normalisation: str
    slope: float
    dropout: float

    @classmethod
    def of(cls, experiment: Experiment, player: Player) -> Self:
        """The measures of that player's network."""
        chosen, judge = experiment.network(player), experiment.discriminator
        judges = player == "discriminator"
        channels, size, _ = experiment.data.shape
        return cls(
            channels=channels * judge.pack if judges else channels,
            size=size,
            width=chosen.width,
            depth=experiment.depth(player),
            normalisation=chosen.normalisation,
            slope=chosen.slope,
            dropout=judge.dropout if judges else 0.0,
        )

    @property
    def base(self) -> int:
        """Pixels along a side of the smallest maps: the image's, halved by every layer but one."""
        return self.sides[0]

    @property
    def sides(self) -> list[int]:
        """Pixels along a side of all maps, smallest first: the image's, halved and rounded up so many times."""
        return [-(-self.size >> halvings) for halvings in range(self.depth - 1, 0, -1)]

    def maps(self, side: int) -> int:
        """Channels of maps of that side: `width` at half the image's size, twice as many at half of that."""
        return self.width << self.sides[::-1].index(side)

    @property
    def units(self) -> int:
        """Outputs of a fully connected hidden layer."""
        return 8 * self.width

    @property
    def needs_bias(self) -> bool:
        """Whether a layer in whose place a normalisation stands needs a bias, since that normalisation has no shift.

        Without one the layer would lose more than its normalisation: a network without any shift is homogeneous.
        """
        return self.normalisation in SHIFTLESS

    def after(self, name: str | int, channels: int, *, vector: bool = False, normalised: bool = True) -> Layers:
        """What follows a layer called by `name`: normalisation, activation, dropout. `vector`: see `normalisation`."""
        layers = Layers()
        if normalised:
            layers[f"norm{name}"] = normalisation(self.normalisation, channels, vector=vector)
        layers[f"act{name}"] = activation(self.slope)
        if self.dropout:
            layers[f"drop{name}"] = Dropout(self.dropout)
        return layers
