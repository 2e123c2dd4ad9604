"""From an experiment to its two players with their initial weights."""

from __future__ import annotations

from dcgan.experiment import Experiment
from dcgan.networks.dcgan import Discriminator, Generator
from dcgan.networks.init import initialise


def build_generator(experiment: Experiment) -> Generator:
    """The generator, on the CPU, with initial weights from the experiment's seed."""
    chosen = experiment.generator
    channels, size, _ = experiment.data.shape
    generator = Generator(
        dim=experiment.latent.dim,
        channels=channels,
        size=size,
        width=chosen.width,
        norm=chosen.normalisation,
        slope=chosen.slope,
    )
    initialise(generator, rule=chosen.init, slope=chosen.slope, seed=experiment.seed, player="generator")
    return generator


def build_discriminator(experiment: Experiment) -> Discriminator:
    """The discriminator, on the CPU, with initial weights from the experiment's seed."""
    chosen = experiment.discriminator
    channels, size, _ = experiment.data.shape
    discriminator = Discriminator(
        channels=channels,
        size=size,
        width=chosen.width,
        norm=chosen.normalisation,
        slope=chosen.slope,
    )
    initialise(discriminator, rule=chosen.init, slope=chosen.slope, seed=experiment.seed, player="discriminator")
    return discriminator
