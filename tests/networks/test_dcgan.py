"""The article's convolutional networks: its listing's layers and parameter counts."""

from __future__ import annotations

from torch import nn

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _types(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


def test_parameter_counts_are_the_articles() -> None:
    article = Experiment()  # 64 x 64, one channel, nz 100, width 64, BatchNorm
    assert _count(build_generator(article)) == 3_574_656
    assert _count(build_discriminator(article)) == 2_763_520


def test_layers_are_the_listings() -> None:
    generator = _types(build_generator(Experiment()).main)
    assert generator == [*["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 4, "ConvTranspose2d", "Tanh"]
    discriminator = _types(build_discriminator(Experiment()).main)
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 3
    assert discriminator == ["Conv2d", "LeakyReLU", *middle, "Conv2d"]
    convolutions = [layer for layer in build_discriminator(Experiment()).main if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [64, 128, 256, 512, 1]
    assert all(layer.bias is None for layer in convolutions)
