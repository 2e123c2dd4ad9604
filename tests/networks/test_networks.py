"""The article's networks, at every size."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameter_counts_are_the_articles() -> None:
    article = Experiment()  # 64 x 64, one channel, nz 100, width 64, BatchNorm
    assert _count(build_generator(article)) == 3_574_656
    assert _count(build_discriminator(article)) == 2_763_520


def test_layers_are_the_listings() -> None:
    generator = [type(layer).__name__ for layer in build_generator(Experiment()).main]
    assert generator == [*["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 4, "ConvTranspose2d", "Tanh"]
    discriminator = [type(layer).__name__ for layer in build_discriminator(Experiment()).main]
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 3
    assert discriminator == ["Conv2d", "LeakyReLU", *middle, "Conv2d"]
    convolutions = [layer for layer in build_discriminator(Experiment()).main if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [64, 128, 256, 512, 1]
    assert all(layer.bias is None for layer in convolutions)


@pytest.mark.parametrize("size", [16, 32, 64, 128])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_shapes_and_ranges(size: int, channels: int, norm: str) -> None:
    experiment = Experiment().with_(
        {
            "data.size": size, "data.channels": channels, "latent.dim": 7,
            "generator.width": 4, "discriminator.width": 4,
            "generator.normalisation": norm, "discriminator.normalisation": norm,
        }
    )  # fmt: skip
    generator, discriminator = build_generator(experiment), build_discriminator(experiment)
    images = generator(torch.randn(5, 7))
    assert images.shape == (5, channels, size, size)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (5,)
    norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in [*generator.main, *discriminator.main])
    stages = size.bit_length() - 3
    assert norms == (stages + stages - 1 if norm == "batch" else 0)
