"""From an experiment to its two players with their initial weights."""

from __future__ import annotations

from dcgan.experiment import Experiment
from dcgan.networks.dcgan import Discriminator, Generator
from dcgan.networks.init import initialise


def build_generator(experiment: Experiment) -> Generator:
    """The generator, on the CPU, with initial weights from the experiment's seed."""
    assert experiment.data.channels is not None
    chosen = experiment.generator
    generator = Generator(
        dim=experiment.latent.dim,
        channels=experiment.data.channels,
        size=experiment.data.size,
        width=chosen.width,
        norm=chosen.normalisation,
        slope=chosen.slope,
    )
    initialise(generator, rule=chosen.init, slope=chosen.slope, seed=experiment.seed, player="generator")
    return generator


def build_discriminator(experiment: Experiment) -> Discriminator:
    """The discriminator, on the CPU, with initial weights from the experiment's seed."""
    assert experiment.data.channels is not None
    chosen = experiment.discriminator
    discriminator = Discriminator(
        channels=experiment.data.channels,
        size=experiment.data.size,
        width=chosen.width,
        norm=chosen.normalisation,
        slope=chosen.slope,
    )
    initialise(discriminator, rule=chosen.init, slope=chosen.slope, seed=experiment.seed, player="discriminator")
    return discriminator
