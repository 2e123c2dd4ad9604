"""Normalisations, dropout and the batch's variety, against the formulas written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dcgan.networks import set_stream
from dcgan.networks.layers import Dropout, MinibatchStddev, normalisation


def _drawn(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Not centred and not of unit deviation."""
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=dtype) + 2


@pytest.mark.parametrize("shape", [(4, 48, 5, 3), (4, 24, 5, 3), (4, 4, 5, 3), (4, 5, 5, 3), (4, 48), (4, 8)])
@pytest.mark.parametrize("kind", ["batch", "layer", "instance", "group"])
def test_statistics_by_hand(kind: str, shape: tuple[int, ...]) -> None:
    values, channels = _drawn(*shape), shape[1]
    layer = normalisation(kind, channels, vector=len(shape) == 2)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(1, 2, channels))  # type: ignore[operator]
        layer.bias.copy_(torch.linspace(-1, 1, channels))  # type: ignore[operator]
    plain = values.double().numpy().reshape(4, channels, -1)
    within = {48: 16, 24: 8, 4: 4, 5: 1, 8: 8}[channels]  # channels in a group
    grouped = {"batch": plain, "group": plain.reshape(4, channels // within, -1), "layer": plain.reshape(4, 1, -1)}
    grouped["instance"] = grouped["layer"] if len(shape) == 2 else plain
    axes: tuple[int, ...] = (0, 2) if kind == "batch" else (2,)
    mean, variance = grouped[kind].mean(axes, keepdims=True), grouped[kind].var(axes, keepdims=True)
    unit = ((grouped[kind] - mean) / np.sqrt(variance + 1e-5)).reshape(4, channels, -1)
    scale, shift = np.linspace(1, 2, channels)[:, None], np.linspace(-1, 1, channels)[:, None]
    assert np.allclose(layer(values).detach().numpy().reshape(4, channels, -1), unit * scale + shift, atol=1e-5)


@pytest.mark.parametrize("kind", ["none", "spectral"])
def test_outputs_are_left_alone(kind: str) -> None:
    assert torch.equal(normalisation(kind, 4)(_drawn(2, 4, 3, 3)), _drawn(2, 4, 3, 3))


def _dropping(share: float) -> nn.Sequential:
    network = nn.Sequential(Dropout(share))
    set_stream(network, torch.Generator().manual_seed(3))
    return network


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_dropout_drops_its_share_and_scales_the_rest(share: float) -> None:
    values = _drawn(100, 1000)
    out = _dropping(share)(values)
    kept = out != 0
    error = 5 * (share * (1 - share) / values.numel()) ** 0.5  # five standard errors
    assert (~kept).float().mean().item() == pytest.approx(share, abs=error)
    assert torch.allclose(out[kept], values[kept] / (1 - share))
    assert out.mean().item() == pytest.approx(values.mean().item(), rel=0.1)


def test_dropout_draws_from_its_stream_and_from_nothing_else() -> None:
    values, network = _drawn(10, 10), _dropping(0.5)
    before = torch.get_rng_state()
    first, second = network(values), network(values)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)
    torch.rand(1)
    again = _dropping(0.5)
    assert torch.equal(again(values), first)
    assert torch.equal(again(values), second)


def test_dropout_without_a_stream_draws_from_pytorchs() -> None:
    torch.manual_seed(0)
    one = Dropout(0.5)(_drawn(10, 10))
    torch.manual_seed(0)
    assert torch.equal(Dropout(0.5)(_drawn(10, 10)), one)
    assert not torch.equal(Dropout(0.5)(_drawn(10, 10)), one)


def test_dropout_is_off_outside_training() -> None:
    network: Any = _dropping(0.5).eval()
    before = network[0].stream.get_state()
    assert torch.equal(network(_drawn(10, 10)), _drawn(10, 10))
    assert torch.equal(network[0].stream.get_state(), before)


def test_dropout_lets_gradients_through_where_it_lets_values() -> None:
    values = _drawn(10, 10).requires_grad_()
    out = _dropping(0.25)(values)
    out.sum().backward()
    assert values.grad is not None
    assert torch.allclose(values.grad, (out != 0) / 0.75)


@pytest.mark.parametrize("shape", [(6, 5, 4, 4), (6, 5)])
def test_minibatch_stddev_by_hand(shape: tuple[int, ...]) -> None:
    values = _drawn(*shape)
    out = MinibatchStddev()(values)
    plain = values.double().numpy()
    by_hand = np.sqrt(((plain - plain.mean(0)) ** 2).mean(0)).mean()
    assert out.shape == (6, 6, *shape[2:])
    assert torch.equal(out[:, :5], values)
    assert np.allclose(out[:, 5].numpy(), by_hand, rtol=1e-5)


@pytest.mark.parametrize("shape", [(6, 5, 4, 4), (6, 5)])
def test_minibatch_stddev_of_equal_images_has_a_gradient(shape: tuple[int, ...]) -> None:
    one = _drawn(*shape)[:1].round()  # small whole numbers: their mean is exact
    values = one.repeat(6, *[1] * (len(shape) - 1)).requires_grad_()
    variety = MinibatchStddev()(values)[:, 5].mean()
    assert variety.item() == pytest.approx(1e-4, rel=1e-3)  # the root of 1e-8
    (slope,) = torch.autograd.grad(variety, values, create_graph=True)
    assert not slope.any()
    (curvature,) = torch.autograd.grad(slope[0].sum(), values)
    assert torch.isfinite(curvature).all()
    assert curvature.any()


def test_minibatch_stddev_differentiates() -> None:
    values = _drawn(3, 2, 2, 2, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(MinibatchStddev(), values)
    assert torch.autograd.gradgradcheck(MinibatchStddev(), values)
