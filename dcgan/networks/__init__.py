"""Generators and discriminators, their normalisation and their initial weights."""

from dcgan.networks.build import build_discriminator, build_generator
from dcgan.networks.discriminator import Discriminator
from dcgan.networks.generator import Generator
from dcgan.networks.layers import set_stream

__all__ = ["Discriminator", "Generator", "build_discriminator", "build_generator", "set_stream"]
