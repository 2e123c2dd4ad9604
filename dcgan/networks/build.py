"""From an experiment to its two players with their initial weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from dcgan.experiment import Experiment
from dcgan.experiment.description import Player
from dcgan.networks import article_prose, dcgan, mlp, veegan
from dcgan.networks.discriminator import HEADS, Discriminator
from dcgan.networks.generator import Generator
from dcgan.networks.init import initialise
from dcgan.networks.shape import Layers, NetworkShape
from dcgan.networks.spectral import normalise_spectra


@dataclass(frozen=True)
class Architecture:
    """`generator(shape, dim)` and `discriminator(shape)` are a player's layers but tanh and D's last one.

    `last(shape, extra, logits)` is the latter, over the features and `extra` more channels. `own_biases`: whether its
    convolutions have a bias beside BatchNorm's shift, too.
    """

    generator: Callable[[NetworkShape, int], Layers]
    discriminator: Callable[[NetworkShape], Layers]
    last: Callable[[NetworkShape, int, int], nn.Module]
    own_biases: bool = False


ARCHITECTURES = {
    "dcgan": Architecture(dcgan.generator_layers, dcgan.discriminator_layers, dcgan.last_layer),
    "mlp": Architecture(mlp.generator_layers, mlp.discriminator_layers, mlp.last_layer),
    "article_prose": Architecture(article_prose.generator_layers, article_prose.discriminator_layers, dcgan.last_layer),
    "veegan": Architecture(veegan.generator_layers, veegan.discriminator_layers, veegan.last_layer, own_biases=True),
}


def build_generator(experiment: Experiment) -> Generator:
    """The generator, on the CPU, with initial weights from the experiment's seed."""
    generator = _generator(experiment)
    _begin(generator, experiment, "generator")
    return generator


def build_discriminator(experiment: Experiment) -> Discriminator:
    """The discriminator, on the CPU, with initial weights from the experiment's seed."""
    discriminator = _discriminator(experiment)
    _begin(discriminator, experiment, "discriminator")
    return discriminator


def lay_out(experiment: Experiment, player: Player) -> nn.Module:
    """A player's network with PyTorch's own initial numbers, for who asks what it is and not what it gives."""
    return _generator(experiment) if player == "generator" else _discriminator(experiment)


def _generator(experiment: Experiment) -> Generator:
    architecture = ARCHITECTURES[experiment.generator.architecture]
    return Generator(architecture.generator(NetworkShape.of(experiment, "generator"), experiment.latent.dim))


def _discriminator(experiment: Experiment) -> Discriminator:
    chosen = experiment.discriminator
    architecture, head = ARCHITECTURES[chosen.architecture], HEADS[chosen.head]
    shape, stddev = NetworkShape.of(experiment, "discriminator"), chosen.minibatch_stddev
    last = architecture.last(shape, int(stddev), head.logits)
    return Discriminator(architecture.discriminator(shape), last, head=head, stddev=stddev)


def _begin(network: nn.Module, experiment: Experiment, player: Player) -> None:
    chosen, seed = experiment.network(player), experiment.seed
    own_biases = ARCHITECTURES[chosen.architecture].own_biases
    initialise(network, rule=chosen.init, slope=chosen.slope, seed=seed, player=player, own_biases=own_biases)
    if chosen.normalisation == "spectral":
        normalise_spectra(network, seed=seed, player=player)
