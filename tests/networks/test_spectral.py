"""Spectral normalisation: the largest singular value is 1, and stays near it as the weights move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks.init import weighted_layers

Build = Callable[..., Any]
Inputs = Callable[..., Tensor]


def _largest(layer: nn.Module, weight: Tensor) -> float:
    """The largest singular value of a layer's weights as a matrix of its outputs by all else."""
    if isinstance(layer, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)
    return float(torch.linalg.svdvals(weight.detach().flatten(1).double())[0])


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_largest_singular_value_is_one(build: Build, inputs: Inputs, player: str, architecture: str) -> None:
    network = build(player, architecture=architecture, normalisation="spectral", width=4)
    layers = weighted_layers(network)
    assert len(layers) == sum(tensor.dim() > 1 for tensor in network.state_dict().values())
    begun = {name: _largest(layer, layer.eval().weight) for name, layer in layers}
    assert len(begun) > 1
    assert all(0.999 < value < 1.15 for value in begun.values())  # fifteen iterations: near, never below
    network.train()
    for _ in range(300):
        network(inputs(player))
    network.eval()
    layer: Any
    for name, layer in layers:
        original = layer.parametrizations.weight.original
        assert _largest(layer, layer.weight) == pytest.approx(1, abs=1e-3), name
        assert torch.allclose(layer.weight * _largest(layer, original), original, rtol=2e-3, atol=1e-6)


def test_power_iterations_go_on_in_training_only(build: Build, inputs: Inputs, player: str) -> None:
    network = build(player, normalisation="spectral")
    before = {name: value.clone() for name, value in network.named_buffers()}
    assert before
    network.eval()(inputs(player))
    assert all(torch.equal(before[name], value) for name, value in network.named_buffers())
    network.train()(inputs(player))
    moved = [not torch.equal(before[name], value) for name, value in network.named_buffers() if value.numel() > 2]
    assert any(moved)


class _Products(TorchFunctionMode):
    """Notes of each product of a matrix and a vector whether autocast was on."""

    def __init__(self) -> None:
        super().__init__()
        self.reduced: list[bool] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.mv:
            self.reduced.append(torch.is_autocast_enabled("cpu"))
        return func(*args, **(kwargs or {}))


def test_singular_values_are_taken_in_full_precision(build: Build, inputs: Inputs, player: str) -> None:
    """On a GPU autocast would take these products in bf16; on a CPU it would not, which hides it."""
    network = build(player, normalisation="spectral")
    with torch.autocast("cpu", torch.bfloat16), _Products() as products:
        made = network(inputs(player))
    assert made.dtype == torch.bfloat16
    assert len(products.reduced) == 3 * len(weighted_layers(network))
    assert not any(products.reduced)


def test_pytorchs_chance_has_no_part_in_it(build: Build) -> None:
    networks = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        networks.append(build("discriminator", normalisation="spectral").state_dict())
    assert any(name.endswith("_u") for name in networks[0])
    assert all(torch.equal(networks[0][name], networks[1][name]) for name in networks[0])
