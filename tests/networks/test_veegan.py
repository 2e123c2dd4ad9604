"""VEEGAN's networks for stacked MNIST, as published."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import conv2d, pad

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.tips.tip import both


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _types(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


def test_layers_are_veegans() -> None:
    """The published network at 28 x 28: 512 maps of 2 x 2 up to 64 of 14 x 14 and down again, all with biases."""
    sizes = {"data.name": "stacked-mnist", "data.size": 28}
    veegan = Experiment().with_({**sizes, **both("architecture", "veegan")})
    generator: Any
    generator, discriminator = build_generator(veegan), build_discriminator(veegan)
    assert _types(generator.main) == [
        *["Flatten", "Linear", "Unflatten", "BatchNorm2d", "ReLU"],
        *["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 3,
        *["ConvTranspose2d", "Tanh"],
    ]
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 3
    assert _types(discriminator.main) == ["Conv2d", "LeakyReLU", *middle, "Conv2d"]
    shapes: dict[str, list[tuple[int, ...]]] = {"generator": [], "discriminator": []}
    for player, network, kind in (
        ("generator", generator, nn.ConvTranspose2d),
        ("discriminator", discriminator, nn.Conv2d),
    ):
        for layer in network.main:
            if isinstance(layer, kind):
                layer.register_forward_hook(lambda _, given, out, to=shapes[player]: to.append(tuple(out.shape[1:])))
    outputs = discriminator(generator(torch.randn(5, 100)))
    assert outputs.shape == (5,)
    assert shapes["generator"] == [(256, 4, 4), (128, 7, 7), (64, 14, 14), (3, 28, 28)]
    assert shapes["discriminator"] == [(64, 14, 14), (128, 7, 7), (256, 4, 4), (512, 2, 2), (1, 1, 1)]
    assert generator.main.full.out_features == 2 * 2 * 512
    convolutions = [m for m in [*generator.main, *discriminator.main] if isinstance(m, nn.ConvTranspose2d | nn.Conv2d)]
    assert [layer.kernel_size for layer in convolutions] == [(5, 5)] * 8 + [(2, 2)]
    # Weights and biases; two numbers a channel for each BatchNorm.
    assert _count(generator) == 101 * 2048 + (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) * 25 + 451 + 2 * 960
    assert _count(discriminator) == (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512) * 25 + 960 + 2049 + 2 * 896


def test_veegans_convolutions_are_the_published_ones_in_a_mirror() -> None:
    """TensorFlow's SAME pads an even side by 1 in front and by 2 behind, and an odd one by 2 on both."""
    layers: Any = build_discriminator(
        Experiment().with_({"data.size": 28, "discriminator.architecture": "veegan"})
    ).main
    for layer, side in ((layers.down14, 28), (layers.down7, 14), (layers.down4, 7)):
        values = torch.randn(2, layer.in_channels, side, side)
        front = 1 if side % 2 == 0 else 2
        padded = pad(values.flip(2, 3), (front, 2, front, 2))
        same = conv2d(padded, layer.weight.flip(2, 3), layer.bias, stride=2)
        assert torch.allclose(layer(values), same.flip(2, 3), atol=1e-5)
