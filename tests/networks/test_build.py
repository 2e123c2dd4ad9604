"""Every kind of network: the article's own, and that all others are sound."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks.build import ARCHITECTURES

Build = Callable[..., Any]
Inputs = Callable[..., Tensor]


def test_every_architecture_in_the_table_is_built_and_no_other() -> None:
    assert ARCHITECTURES.keys() == ARCHITECTURE_KINDS.keys()


def test_gradients_of_gradients(build: Build, inputs: Inputs, kind: dict[str, str]) -> None:
    """Against differences: the slope of |d D / d x|^2 along its own gradient by the weights, in double precision."""
    discriminator = build("discriminator", **kind, minibatch_stddev=True, slope=0.2).double()
    discriminator.eval()  # the same function each time: no power iteration, no running statistics
    for layer in discriminator.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.train()
    images = inputs("discriminator").double().requires_grad_()
    parameters = list(discriminator.parameters())

    def squared() -> Tensor:
        (slope,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
        return slope.square().sum()

    gradient = torch.autograd.grad(squared(), parameters, allow_unused=True, materialize_grads=True)
    length = torch.stack([part.square().sum() for part in gradient]).sum().sqrt()
    assert length > 0
    start = [parameter.detach().clone() for parameter in parameters]
    steps = []
    for step in (1e-6, -1e-6):
        with torch.no_grad():
            for parameter, value, part in zip(parameters, start, gradient, strict=True):
                parameter.copy_(value + step * part / length)
        steps.append(squared().item())
    assert (steps[0] - steps[1]) / 2e-6 == pytest.approx(length.item(), rel=1e-3)


def test_half_precision_is_finite_and_near(build: Build, inputs: Inputs, kind: dict[str, str], player: str) -> None:
    network = build(player, **kind)
    exact = copy.deepcopy(network)(inputs(player)).detach()
    with torch.autocast("cpu", torch.bfloat16):
        out = network(inputs(player)).float()
    out.sum().backward()
    assert (out - exact).norm() < 0.1 * exact.norm()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert gradients
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_weights_go_round(build: Build, inputs: Inputs, kind: dict[str, str], player: str) -> None:
    """Into a new network of another seed, through a file's bytes, after use; and a copy is a network of its own."""
    network = build(player, **kind)
    network(inputs(player))
    content = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    other = build(player, **kind, changes={"seed": 5})
    other.load_state_dict(load(content))
    twin = copy.deepcopy(network)
    assert torch.equal(network.eval()(inputs(player)), other.eval()(inputs(player)))
    assert torch.equal(network(inputs(player)), twin.eval()(inputs(player)))
    before = network(inputs(player)).detach()
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.add_(1)
    assert torch.equal(network(inputs(player)), before)


def test_forward_leaves_pytorchs_chance_alone(build: Build, inputs: Inputs, kind: dict[str, str], player: str) -> None:
    network = build(player, **kind)
    before = torch.get_rng_state()
    network(inputs(player)).sum().backward()
    assert torch.equal(torch.get_rng_state(), before)
