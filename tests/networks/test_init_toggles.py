"""A toggle moves no other tensor's initial numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS

Build = Callable[..., Any]

_TOGGLES: dict[str, dict[str, Any]] = {
    **{f"normalisation={kind}": {"normalisation": kind} for kind in ("none", "layer", "instance", "group", "spectral")},
    "slope": {"slope": 0.3},
    "dropout": {"dropout": 0.5},
    "minibatch_stddev": {"minibatch_stddev": True},
    "head=sigmoid": {"head": "sigmoid"},
    "head=two_class": {"head": "two_class"},
    "pack": {"pack": 2},
}
_OF_BOTH = list(_TOGGLES)[:6]
_CASES = [("generator", toggle) for toggle in _OF_BOTH] + [("discriminator", toggle) for toggle in _TOGGLES]


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    """By name; weights under spectral normalisation by the name that they have without it."""
    return {name.replace("parametrizations.weight.original", "weight"): t for name, t in network.state_dict().items()}


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> set[str]:
    """The tensors of one name and shape in both, which must be equal in every bit."""
    common = {name for name in one.keys() & other.keys() if one[name].shape == other[name].shape}
    assert common
    assert all(torch.equal(one[name], other[name]) for name in common)
    return common


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
@pytest.mark.parametrize(("player", "toggle"), _CASES)
def test_a_toggle_moves_no_other_tensor(build: Build, player: str, architecture: str, toggle: str) -> None:
    if toggle == "normalisation=instance" and not ARCHITECTURE_KINDS[architecture].deepest:
        pytest.skip("no positions to take it over")
    base = _tensors(build(player, architecture=architecture))
    toggled = _tensors(build(player, architecture=architecture, **_TOGGLES[toggle]))
    weights = {name for name, tensor in base.items() if tensor.dim() > 1}
    reshaped = {"minibatch_stddev": 1, "head=two_class": 1, "pack": 1}.get(toggle, 0)  # the last layer or the first
    assert len(weights - _same(base, toggled)) == reshaped


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_a_rule_of_another_scale_scales_the_same_numbers(build: Build, player: str, architecture: str) -> None:
    base = build(player, architecture=architecture).state_dict()
    for rule in ("he", "dcgan"):
        other = build(player, architecture=architecture, init=rule).state_dict()
        weights = [name for name in base if base[name].dim() > 1]
        assert len(weights) > 1
        for name in weights:
            ratio = other[name] / base[name]
            assert ratio.std() < 1e-5 * ratio.mean()


@pytest.mark.parametrize("rule", ["xavier", "orthogonal", "torch"])
def test_another_seed_moves_every_drawn_tensor(build: Build, kind: dict[str, str], player: str, rule: str) -> None:
    one = build(player, **kind, init=rule).state_dict()
    other = build(player, **kind, init=rule, changes={"seed": 1}).state_dict()
    again = build(player, **kind, init=rule).state_dict()
    assert sum(tensor.dim() > 1 for tensor in one.values()) > 1
    for name, tensor in one.items():
        assert torch.equal(tensor, again[name])
        if tensor.numel() > 1:  # the direction of a single number is 1 or -1
            # In these a convolution's bias stands for BatchNorm's shift, and starts at 0 as that does.
            stands_for_shift = kind["architecture"] in {"dcgan", "article_prose"} and ".full" not in name
            is_bias = rule == "torch" and name.endswith("bias") and ".norm" not in name and not stands_for_shift
            is_drawn = tensor.dim() > 1 or is_bias or name.endswith(("_u", "_v"))
            assert torch.equal(tensor, other[name]) != is_drawn


def test_a_deeper_network_keeps_the_layers_at_its_images(build: Build, player: str) -> None:
    """Down to 4 x 4 maps or to 2 x 2: the layers between the larger maps are the same."""
    common = _same(build(player, depth=3).state_dict(), build(player, depth=4).state_dict())
    assert {name.split(".")[1] for name in common} >= ({"up8", "up16"} if player == "generator" else {"down8", "down4"})


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_tensors_do_not_share_their_numbers(build: Build, player: str, architecture: str) -> None:
    """Not even the weights and biases of one layer: each has a stream of its own."""
    tensors = build(player, architecture=architecture, init="torch", width=4).state_dict()
    starts = [t.flatten()[:16] for name, t in tensors.items() if ".norm" not in name and t.numel() >= 16]
    directions = [start / start.norm() for start in starts]
    assert len(directions) >= 3
    for number, one in enumerate(directions):
        assert all((one - other).norm() > 0.1 for other in directions[:number])
