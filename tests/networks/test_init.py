"""Initial weights: the right variance, and each tensor from a stream of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks.init import fans, standard_deviation, weighted_layers

Build = Callable[..., Any]


def test_fans_count_the_connections() -> None:
    """Against counting: with all weights 1, an output sums its fan_in ones and an input's gradient is its fan_out."""
    for layer, size in [
        (nn.Conv2d(3, 5, 4, 2, 1, bias=False), 16),
        (nn.ConvTranspose2d(3, 5, 4, 2, 1, bias=False), 16),
        (nn.ConvTranspose2d(3, 5, 4, 1, 0, bias=False), 1),
        (nn.Conv2d(3, 5, 4, 1, 0, bias=False), 4),
        (nn.Conv2d(3, 5, 3, 1, 1, bias=False), 8),
        (nn.ConvTranspose2d(3, 5, 3, 1, 1, bias=False), 8),
    ]:
        nn.init.ones_(layer.weight)
        ones = torch.ones(1, 3, size, size, requires_grad=True)
        out = layer(ones)
        out.sum().backward()
        assert ones.grad is not None
        middle = size // 2
        fan_in, fan_out = fans(layer)
        # Some processors' 3 x 3 kernels (Winograd's) come to whole numbers by way of thirds: exact but for rounding.
        assert out[0, 0, out.shape[2] // 2, out.shape[3] // 2].item() == pytest.approx(fan_in, rel=1e-5)
        assert ones.grad[0, 0, middle, middle].item() == pytest.approx(fan_out, rel=1e-5)
    assert fans(nn.Linear(3, 5)) == (3, 5)


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


def _layers(network: nn.Module) -> list[Any]:
    """All layers with weights: as many as there are tensors that are no vectors."""
    layers = [layer for _, layer in weighted_layers(network)]
    assert len(layers) == sum(tensor.dim() > 1 for tensor in network.state_dict().values()) > 1
    return layers


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
@pytest.mark.parametrize("rule", ["xavier", "he", "dcgan"])
def test_drawn_weights_have_that_deviation(build: Build, player: str, architecture: str, rule: str) -> None:
    slope = 0.2
    network = build(player, architecture=architecture, init=rule, width=16, slope=slope)
    layers = _layers(network)
    for layer in layers:
        expected = standard_deviation(rule, layer, None if layer is layers[-1] else slope)
        error = 5 / math.sqrt(2 * layer.weight.numel())  # five standard errors
        assert layer.weight.std().item() == pytest.approx(expected, rel=error)
        assert layer.bias is None or not layer.bias.any()


def _he_keeps(build: Build, player: str, architecture: str) -> list[float]:
    """The mean square of each layer's outputs on standard normal inputs, without normalisation."""
    keys = {"architecture": architecture, "init": "he", "normalisation": "none", "width": 64, "slope": 0.2}
    network = build(player, **keys, changes={"latent.dim": 128})
    squares: list[float] = []
    layers = _layers(network)
    for layer in layers:
        layer.register_forward_hook(lambda _, given, out: squares.append(out.square().mean().item()))
    chance = torch.Generator().manual_seed(1)
    network(torch.randn((64, 128) if player == "generator" else (64, 1, 16, 16), generator=chance))
    assert len(squares) == len(layers)
    return squares


@pytest.mark.parametrize("architecture", ["dcgan", "mlp"])
def test_he_keeps_the_size_of_what_goes_through(build: Build, player: str, architecture: str) -> None:
    """He et al. 2015, section 2.2: var of each layer's outputs is the same; borders of zeros cost a part of it."""
    squares = _he_keeps(build, player, architecture)
    first = 2 / 1.04  # standard normal inputs went through no activation, which He's rule allows for
    for size in squares[:-1]:
        assert 0.5 < size / first < 1.3
    assert 0.5 < squares[-1] < 1.5  # no activation follows the last, so its rule is that of standard normal outputs


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_orthogonal_rows_or_columns(build: Build, player: str, architecture: str) -> None:
    for layer in _layers(build(player, architecture=architecture, init="orthogonal", width=4)):
        matrix = layer.weight.detach().flatten(1)
        rows, columns = matrix.shape
        product = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
        assert torch.allclose(product, torch.eye(min(rows, columns)), atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_torch_rule_is_torchs_own_distribution(build: Build, player: str, architecture: str) -> None:
    for layer in _layers(build(player, architecture=architecture, init="torch", width=16)):
        own = type(layer)(**_measures(layer))
        assert layer.weight.numel() >= 64
        for ours, torchs in ((layer.weight, own.weight), (layer.bias, own.bias)):
            if ours is None or ours.numel() < 64:
                continue
            assert ours.abs().max().item() == pytest.approx(torchs.abs().max().item(), rel=0.2)
            assert ours.std().item() == pytest.approx(torchs.std().item(), rel=0.3)
        assert layer.bias is None or layer.bias.any()


def _measures(layer: Any) -> dict[str, Any]:
    if isinstance(layer, nn.Linear):
        return {"in_features": layer.in_features, "out_features": layer.out_features}
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
    return {name: getattr(layer, name) for name in names} | {"bias": layer.bias is not None}


def test_pytorchs_own_rules_are_its_functions(build: Build, player: str) -> None:
    """The same numbers as here, at PyTorch's scale; strided layers begin 1.4 to 2 times as narrow by its Xavier."""
    for rule, initialise in (("xavier", nn.init.xavier_normal_), ("he", nn.init.kaiming_normal_)):
        ours = dict(weighted_layers(build(player, width=64, init=rule, slope=0.0)))
        theirs = dict(weighted_layers(build(player, width=64, init=f"{rule}_torch", slope=0.0)))
        assert ours
        for name, layer in ours.items():
            drawn = theirs[name].weight
            ratio = layer.weight / drawn
            assert ratio.std() < 1e-4 * ratio.mean(), "one scale for all of a layer's numbers"
            expected = initialise(torch.empty(drawn.shape), generator=torch.Generator().manual_seed(3)).std().item()
            gain = math.sqrt(2) if rule == "he" and layer is [*ours.values()][-1] else 1  # no activation follows it
            assert drawn.std().item() * gain == pytest.approx(expected, rel=10 / math.sqrt(2 * drawn.numel()))
            if rule == "xavier" and layer.stride == (2, 2):
                assert 1.4 < ratio.mean().item() < 2
