"""The networks that the article's text describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

Build = Callable[..., Any]


def _types(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


def test_layers_are_the_proses(build: Build) -> None:
    keys = {"architecture": "article_prose", "depth": 3}
    full = ["Flatten", "Linear", "BatchNorm1d", "ReLU", "Linear", "Unflatten", "BatchNorm2d", "ReLU"]
    stages = ["ConvTranspose2d", "BatchNorm2d", "ReLU", "Upsample"] * 2
    assert _types(build("generator", **keys).main) == [*full, *stages, "Conv2d", "Tanh"]
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU", "AvgPool2d"]
    discriminator = build("discriminator", **keys, head="two_class").main
    assert _types(discriminator) == ["Conv2d", "LeakyReLU", "AvgPool2d", *middle, "Conv2d"]
    assert discriminator.logit.out_channels == 2
