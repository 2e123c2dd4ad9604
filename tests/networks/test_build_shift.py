"""Whatever the normalisation, a layer in whose place BatchNorm could stand keeps a learned shift, and no other gets one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dcgan.networks.init import weighted_layers

Build = Callable[..., Any]

_ARCHITECTURES = ("dcgan", "article_prose")  # those whose convolutions have no bias beside BatchNorm


def _biases(network: nn.Module) -> dict[str, Tensor]:
    """The biases of convolutions, by the name of the layer."""
    layers = ((name, layer) for name, layer in weighted_layers(network) if not isinstance(layer, nn.Linear))
    return {name.removeprefix("main."): layer.bias for name, layer in layers if layer.bias is not None}


def _normalised(network: nn.Module) -> set[str]:
    """The convolutions that BatchNorm follows."""
    modules = list(network.main.named_children())  # type: ignore[union-attr,operator]
    pairs = itertools.pairwise(modules)
    return {name for (name, _), (_, after) in pairs if isinstance(after, nn.BatchNorm2d) and ".full" not in name}


@pytest.mark.parametrize("architecture", _ARCHITECTURES)
@pytest.mark.parametrize("normalisation", ["none", "spectral"])
@pytest.mark.parametrize("rule", ["xavier", "he", "dcgan", "orthogonal", "torch", "xavier_torch", "he_torch"])
def test_a_bias_stands_just_where_a_shift_stood(
    build: Build, player: str, architecture: str, normalisation: str, rule: str
) -> None:
    with_norm = build(player, architecture=architecture, init=rule)
    assert not _biases(with_norm)
    without = build(player, architecture=architecture, normalisation=normalisation, init=rule)
    expected = {name for name in _normalised(with_norm) if not name.startswith("unflatten")}
    found = _biases(without)
    assert set(found) == expected
    assert expected
    for bias in found.values():
        assert bias.requires_grad
        assert not bias.any(), "starts as BatchNorm's shift does"


@pytest.mark.parametrize("architecture", _ARCHITECTURES)
@pytest.mark.parametrize("normalisation", ["batch", "layer", "instance", "group"])
def test_a_normalisation_with_a_shift_needs_no_bias(
    build: Build, player: str, architecture: str, normalisation: str
) -> None:
    assert not _biases(build(player, architecture=architecture, normalisation=normalisation))


def test_a_discriminator_without_a_layer_in_between_has_none(build: Build) -> None:
    assert not _biases(build("discriminator", normalisation="none", depth=2))


@pytest.mark.parametrize("normalisation", ["none", "spectral"])
def test_the_networks_are_not_homogeneous(
    build: Build, inputs: Callable[[str], Tensor], player: str, normalisation: str
) -> None:
    """Without any shift a network of ReLUs would be: twice the input, twice the output, and 0 of 0."""
    network = build(player, normalisation=normalisation).eval()
    zeros = torch.zeros_like(inputs(player))
    assert not network(zeros).any(), "at the start"
    for bias in _biases(network).values():
        nn.init.constant_(bias, 0.5)
    assert network(zeros).all(), "once its biases have learned"


@pytest.mark.parametrize("architecture", ["mlp", "veegan"])
@pytest.mark.parametrize("rule", ["xavier", "torch"])
def test_networks_with_biases_of_their_own_keep_them(build: Build, player: str, architecture: str, rule: str) -> None:
    """Under `torch` theirs are drawn, with or without BatchNorm."""
    one = build(player, architecture=architecture, init=rule).state_dict()
    other = build(player, architecture=architecture, init=rule, normalisation="none").state_dict()
    shared = one.keys() & other.keys()
    assert {name.rpartition(".")[2] for name in shared} >= {"weight", "bias"}
    for name in shared:
        assert torch.equal(one[name], other[name])
        assert bool(other[name].any()) == (rule == "torch" or not name.endswith("bias"))
