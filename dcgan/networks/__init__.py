"""Generators and discriminators, their normalisation and their initial weights."""

from dcgan.networks.build import build_discriminator, build_generator

__all__ = ["build_discriminator", "build_generator"]
