"""What a discriminator's outputs mean, and that its parts stand where they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks.layers import Dropout

Build = Callable[..., Any]
Inputs = Callable[..., Tensor]


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_two_class_is_the_softmax_of_two_logits(build: Build, inputs: Inputs, architecture: str) -> None:
    discriminator = build("discriminator", architecture=architecture, head="two_class", normalisation="none")
    images = 5 * inputs("discriminator")
    logits = discriminator.main(images).flatten(1)
    outputs = discriminator(images)
    assert logits.shape == (6, 2)
    for label, loss in ((0, softplus(-outputs)), (1, softplus(outputs))):  # 0: real, 1: generated
        expected = cross_entropy(logits, torch.full((6,), label), reduction="none")
        assert torch.allclose(loss, expected, atol=1e-6)
    assert torch.allclose(outputs.sigmoid(), logits.softmax(1)[:, 0], atol=1e-6)


def test_sigmoid_is_the_sigmoid_of_the_logit(build: Build, inputs: Inputs, kind: dict[str, str]) -> None:
    logit, sigmoid = (build("discriminator", **kind, head=head) for head in ("logit", "sigmoid"))
    outputs = logit(inputs("discriminator"))
    assert torch.equal(sigmoid(inputs("discriminator")), outputs.sigmoid())


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_variety_reaches_the_head(build: Build, inputs: Inputs, architecture: str) -> None:
    """An image's output depends on the others in its batch through the added channel alone."""
    keys = {"architecture": architecture, "normalisation": "none"}
    images = inputs("discriminator")
    for stddev in (False, True):
        discriminator = build("discriminator", **keys, minibatch_stddev=stddev)
        among_others, among_itself = discriminator(images)[0], discriminator(images[:1].repeat(6, 1, 1, 1))[0]
        assert (abs(among_others - among_itself).item() > 1e-4) == stddev
        assert torch.allclose(discriminator.features(images)[:1], discriminator.features(images[:1]), atol=1e-6)


@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_dropout_follows_every_activation_and_nothing_else(build: Build, architecture: str) -> None:
    layers = list(build("discriminator", architecture=architecture, dropout=0.3).main)
    activations = [number for number, layer in enumerate(layers) if isinstance(layer, nn.LeakyReLU)]
    dropouts = [number for number, layer in enumerate(layers) if isinstance(layer, Dropout)]
    assert activations
    assert dropouts == [number + 1 for number in activations]
    assert all(layers[number].share == 0.3 for number in dropouts)


@pytest.mark.parametrize("pack", [1, 2, 5])
@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
def test_a_pack_is_so_many_channels(build: Build, architecture: str, pack: int) -> None:
    changes = {"data.channels": 3, "update.batch": 40, "update.micro_batch": 40}
    discriminator = build("discriminator", architecture=architecture, pack=pack, changes=changes)
    first = next(layer for layer in discriminator.main if isinstance(layer, nn.Conv2d | nn.Linear))
    inputs = first.in_features // 256 if isinstance(first, nn.Linear) else first.in_channels
    assert inputs == 3 * pack


@pytest.mark.parametrize("head", ["logit", "sigmoid", "two_class"])
@pytest.mark.parametrize("pack", [1, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_outputs_are_one_an_input(build: Build, kind: dict[str, str], head: str, pack: int, channels: int) -> None:
    changes = {"data.channels": channels, "update.batch": 12, "update.micro_batch": 12}
    keys = {**kind, "head": head, "pack": pack, "minibatch_stddev": True, "dropout": 0.1}
    discriminator = build("discriminator", **keys, changes=changes)
    outputs = discriminator(torch.rand(5, pack * channels, 16, 16) * 2 - 1)
    assert outputs.shape == (5,)
    assert torch.isfinite(outputs).all()
    assert len(outputs.unique()) == 5
    if head == "sigmoid":
        assert (outputs > 0).all()
        assert (outputs < 1).all()


@pytest.mark.parametrize("stddev", [False, True])
def test_features_are_what_the_last_layer_sees(
    build: Build, inputs: Inputs, kind: dict[str, str], stddev: bool
) -> None:
    discriminator = build("discriminator", **kind, minibatch_stddev=stddev).eval()
    seen: list[Tensor] = []
    discriminator.main.logit.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    outputs = discriminator(inputs("discriminator"))
    assert len(seen[0][0]) == {"mlp": 16, "veegan": 8}.get(kind["architecture"], 4) + stddev
    own = seen[0][:, :-1] if stddev else seen[0]
    assert torch.equal(discriminator.features(inputs("discriminator")), own.flatten(1))
    last = discriminator.main.logit(seen[0]).flatten()
    assert torch.equal(outputs, last)
