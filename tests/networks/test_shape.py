"""The measures of a network: depth by the image's size."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator

# Layers at the most, and by themselves: the others halve exactly, `veegan` rounds up and goes down to 2 x 2 pixels.
_DEPTHS = {
    **{(name, size): (size.bit_length(), size.bit_length() - 2)
       for name in ("dcgan", "article_prose") for size in (16, 32, 64, 128)},
    **{(name, 28): (3, 3) for name in ("dcgan", "article_prose")},
    ("veegan", 16): (5, 4), ("veegan", 28): (6, 5), ("veegan", 32): (6, 5), ("veegan", 64): (7, 6),
}  # fmt: skip


@pytest.mark.parametrize(("architecture", "size"), _DEPTHS)
@pytest.mark.parametrize("depth", [2, None, "most"])
def test_depth_is_the_number_of_layers_that_change_the_size(size: int, architecture: str, depth: Any) -> None:
    most, usual = _DEPTHS[architecture, size]
    depth = most if depth == "most" else depth
    experiment = Experiment().with_(
        {
            "data.size": size, "latent.dim": 7,
            "generator.depth": depth, "generator.width": 1, "generator.architecture": architecture,
            "discriminator.depth": depth, "discriminator.width": 1, "discriminator.architecture": architecture,
        }
    )  # fmt: skip
    generator, discriminator = build_generator(experiment), build_discriminator(experiment)
    wanted = depth or usual
    convolutions = {
        "generator": [m for m in generator.main if isinstance(m, nn.ConvTranspose2d)],
        "discriminator": [m for m in discriminator.main if isinstance(m, nn.Conv2d)],
    }
    assert len(convolutions["discriminator"]) == wanted
    assert len(convolutions["generator"]) == (wanted if architecture == "dcgan" else wanted - 1)
    assert convolutions["discriminator"][-1].kernel_size == (math.ceil(size / 2 ** (wanted - 1)),) * 2
    assert convolutions["discriminator"][-1].in_channels == 2 ** (wanted - 2)
    images = generator(torch.randn(3, 7))
    assert images.shape == (3, 1, size, size)
    assert discriminator(images).shape == (3,)
