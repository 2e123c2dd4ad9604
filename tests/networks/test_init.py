"""Initial weights: the right variance, and each tensor from a stream of its own."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.networks.init import fans, standard_deviation


def test_fans_count_the_connections() -> None:
    """Against counting: with all weights 1, an output sums its fan_in ones and an input's gradient is its fan_out."""
    for layer, size in [
        (nn.Conv2d(3, 5, 4, 2, 1, bias=False), 16),
        (nn.ConvTranspose2d(3, 5, 4, 2, 1, bias=False), 16),
        (nn.ConvTranspose2d(3, 5, 4, 1, 0, bias=False), 1),
        (nn.Conv2d(3, 5, 4, 1, 0, bias=False), 4),
    ]:
        nn.init.ones_(layer.weight)
        ones = torch.ones(1, 3, size, size, requires_grad=True)
        out = layer(ones)
        out.sum().backward()
        assert ones.grad is not None
        middle = size // 2
        fan_in, fan_out = fans(layer)
        assert out[0, 0, out.shape[2] // 2, out.shape[3] // 2].item() == fan_in
        assert ones.grad[0, 0, middle, middle].item() == fan_out


@pytest.mark.parametrize(
    ("rule", "slope", "expected"),
    [
        ("xavier", 0.2, math.sqrt(2 / (64 * 16 + 128 * 4))),
        ("he", 0.2, math.sqrt(2 / (1.04 * 64 * 16))),
        ("he", 0.0, math.sqrt(2 / (64 * 16))),
        ("he", None, math.sqrt(1 / (64 * 16))),
        ("dcgan", 0.2, 0.02),
    ],
)
def test_standard_deviations(rule: str, slope: float | None, expected: float) -> None:
    layer = nn.Conv2d(64, 128, 4, 2, 1, bias=False)
    assert standard_deviation(rule, layer, slope) == pytest.approx(expected)


def test_torch_rule_is_torchs_own_distribution() -> None:
    layer = nn.Conv2d(64, 128, 4, 2, 1, bias=False)
    assert layer.weight.std().item() == pytest.approx(standard_deviation("torch", layer, 0.2), rel=0.02)


@pytest.mark.parametrize("rule", ["xavier", "he", "dcgan", "torch"])
def test_drawn_weights_have_that_deviation(rule: str) -> None:
    network = build_discriminator(Experiment().with_({"discriminator.init": rule}))
    layers = [layer for layer in network.main if isinstance(layer, nn.Conv2d)]
    for layer in layers[1:]:
        expected = standard_deviation(rule, layer, None if layer is layers[-1] else 0.2)
        error = 5 / math.sqrt(2 * layer.weight.numel())  # five standard errors
        assert layer.weight.std().item() == pytest.approx(expected, rel=error)


def test_a_toggle_moves_no_other_tensor() -> None:
    base = Experiment().with_({"data.size": 32, "generator.width": 8, "discriminator.width": 8})
    for build, player in ((build_generator, "generator"), (build_discriminator, "discriminator")):
        weights = build(base).state_dict()
        plain = build(base.with_({f"{player}.normalisation": "none"})).state_dict()
        assert plain.keys() < weights.keys()
        assert all(torch.equal(plain[name], weights[name]) for name in plain)
        he = build(base.with_({f"{player}.init": "he"})).state_dict()
        for name in plain:  # the same numbers, scaled
            ratio = he[name] / weights[name]
            assert ratio.std() < 1e-5 * ratio.mean()
        other = build(base.with_({"seed": 1})).state_dict()
        assert not any(torch.equal(plain[name], other[name]) for name in plain)
