"""Every kind of network: the article's own, and that all others are sound."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.tips.tip import both

Build = Callable[..., Any]
Inputs = Callable[..., Tensor]


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _types(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


def test_parameter_counts_are_the_articles() -> None:
    article = Experiment()  # 64 x 64, one channel, nz 100, width 64, BatchNorm
    assert _count(build_generator(article)) == 3_574_656
    assert _count(build_discriminator(article)) == 2_763_520


def test_layers_are_the_listings() -> None:
    generator = _types(build_generator(Experiment()).main)
    assert generator == [*["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 4, "ConvTranspose2d", "Tanh"]
    discriminator = _types(build_discriminator(Experiment()).main)
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 3
    assert discriminator == ["Conv2d", "LeakyReLU", *middle, "Conv2d"]
    convolutions = [layer for layer in build_discriminator(Experiment()).main if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [64, 128, 256, 512, 1]
    assert all(layer.bias is None for layer in convolutions)


def test_layers_are_the_proses(build: Build) -> None:
    keys = {"architecture": "article_prose", "depth": 3}
    full = ["Flatten", "Linear", "BatchNorm1d", "ReLU", "Linear", "Unflatten", "BatchNorm2d", "ReLU"]
    stages = ["ConvTranspose2d", "BatchNorm2d", "ReLU", "Upsample"] * 2
    assert _types(build("generator", **keys).main) == [*full, *stages, "Conv2d", "Tanh"]
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU", "AvgPool2d"]
    discriminator = build("discriminator", **keys, head="two_class").main
    assert _types(discriminator) == ["Conv2d", "LeakyReLU", "AvgPool2d", *middle, "Conv2d"]
    assert discriminator.logit.out_channels == 2


def test_layers_are_veegans() -> None:
    """The published network at 28 x 28: 512 maps of 2 x 2 up to 64 of 14 x 14 and down again, all with biases."""
    sizes = {"data.name": "stacked-mnist", "data.size": 28}
    veegan = Experiment().with_({**sizes, **both("architecture", "veegan")})
    generator, discriminator = build_generator(veegan), build_discriminator(veegan)
    assert _types(generator.main) == [
        *["Flatten", "Linear", "Unflatten", "BatchNorm2d", "ReLU"],
        *["ConvTranspose2d", "BatchNorm2d", "ReLU"] * 3,
        *["ConvTranspose2d", "Tanh"],
    ]
    middle = ["Conv2d", "BatchNorm2d", "LeakyReLU"] * 3
    assert _types(discriminator.main) == ["Conv2d", "LeakyReLU", *middle, "Conv2d"]
    shapes: dict[str, list[tuple[int, ...]]] = {"generator": [], "discriminator": []}
    for player, network, kind in (
        ("generator", generator, nn.ConvTranspose2d),
        ("discriminator", discriminator, nn.Conv2d),
    ):
        for layer in network.main:
            if isinstance(layer, kind):
                layer.register_forward_hook(lambda _, given, out, to=shapes[player]: to.append(tuple(out.shape[1:])))
    answers = discriminator(generator(torch.randn(5, 100)))
    assert answers.shape == (5,)
    assert shapes["generator"] == [(256, 4, 4), (128, 7, 7), (64, 14, 14), (3, 28, 28)]
    assert shapes["discriminator"] == [(64, 14, 14), (128, 7, 7), (256, 4, 4), (512, 2, 2), (1, 1, 1)]
    assert generator.main.full.out_features == 2 * 2 * 512
    convolutions = [m for m in [*generator.main, *discriminator.main] if isinstance(m, nn.ConvTranspose2d | nn.Conv2d)]
    assert [layer.kernel_size for layer in convolutions] == [(5, 5)] * 8 + [(2, 2)]
    # Weights and biases; two numbers a channel for each BatchNorm.
    assert _count(generator) == 101 * 2048 + (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) * 25 + 451 + 2 * 960
    assert _count(discriminator) == (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512) * 25 + 960 + 2049 + 2 * 896


def test_veegans_convolutions_are_the_published_ones_in_a_mirror() -> None:
    """TensorFlow's SAME pads an even side by 1 in front and by 2 behind, and an odd one by 2 on both."""
    layers = build_discriminator(Experiment().with_({"data.size": 28, "discriminator.architecture": "veegan"})).main
    for layer, side in ((layers.down14, 28), (layers.down7, 14), (layers.down4, 7)):
        values = torch.randn(2, layer.in_channels, side, side)
        front = 1 if side % 2 == 0 else 2
        padded = pad(values.flip(2, 3), (front, 2, front, 2))
        same = conv2d(padded, layer.weight.flip(2, 3), layer.bias, stride=2)
        assert torch.allclose(layer(values), same.flip(2, 3), atol=1e-5)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_an_mlp_has_as_many_layers_as_are_asked_for(build: Build, player: str, depth: int) -> None:
    layers = [m for m in build(player, architecture="mlp", depth=depth).main if isinstance(m, nn.Linear)]
    ends = (7, 256) if player == "generator" else (256, 1)
    widths = [ends[0], *[16] * (depth - 1), ends[1]]
    assert [(layer.in_features, layer.out_features) for layer in layers] == list(pairwise(widths))
    assert all(layer.bias is not None for layer in layers)
    norms = sum(isinstance(layer, nn.BatchNorm1d) for layer in build(player, architecture="mlp", depth=depth).main)
    assert norms == depth - 1 - (player == "discriminator")


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


@pytest.mark.parametrize(("channels", "size"), [(1, 16), (3, 32)])
def test_images_are_between_minus_one_and_one(build: Build, kind: dict[str, str], channels: int, size: int) -> None:
    changes = {"data.channels": channels, "data.size": size}
    images = build("generator", **kind, changes=changes)(torch.randn(5, 7))
    assert images.shape == (5, channels, size, size)
    assert images.abs().max() <= 1
    assert len(images[:, 0].flatten(1).mean(1).unique()) == 5  # each its own


@pytest.mark.parametrize("head", ["logit", "sigmoid", "two_class"])
@pytest.mark.parametrize("pack", [1, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_answers_are_one_an_input(build: Build, kind: dict[str, str], head: str, pack: int, channels: int) -> None:
    changes = {"data.channels": channels, "update.batch": 12, "update.micro_batch": 12}
    keys = {**kind, "head": head, "pack": pack, "minibatch_stddev": True, "dropout": 0.1}
    discriminator = build("discriminator", **keys, changes=changes)
    answers = discriminator(torch.rand(5, pack * channels, 16, 16) * 2 - 1)
    assert answers.shape == (5,)
    assert torch.isfinite(answers).all()
    assert len(answers.unique()) == 5
    if head == "sigmoid":
        assert (answers > 0).all()
        assert (answers < 1).all()


@pytest.mark.parametrize("stddev", [False, True])
def test_features_are_what_the_last_layer_sees(
    build: Build, inputs: Inputs, kind: dict[str, str], stddev: bool
) -> None:
    discriminator = build("discriminator", **kind, minibatch_stddev=stddev).eval()
    seen: list[Tensor] = []
    discriminator.main.logit.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    answers = discriminator(inputs("discriminator"))
    assert len(seen[0][0]) == {"mlp": 16, "veegan": 8}.get(kind["architecture"], 4) + stddev
    own = seen[0][:, :-1] if stddev else seen[0]
    assert torch.equal(discriminator.features(inputs("discriminator")), own.flatten(1))
    last = discriminator.main.logit(seen[0]).flatten()
    assert torch.equal(answers, last)


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
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)


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


@pytest.mark.parametrize("architecture", ["dcgan", "mlp", "article_prose", "veegan"])
@pytest.mark.parametrize("normalisation", ["batch", "group", "spectral"])
def test_generators_go_to_onnx(build: Build, tmp_path: Path, architecture: str, normalisation: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    generator = build("generator", architecture=architecture, normalisation=normalisation).eval()
    path = tmp_path / "generator.onnx"
    torch.onnx.export(
        generator,
        (torch.zeros(2, 7),),
        path,
        input_names=["noise"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        verbose=False,
    )
    noise = torch.randn(5, 7)
    images = runtime.InferenceSession(path).run(None, {"noise": noise.numpy()})[0]
    assert np.abs(images - generator(noise).detach().numpy()).max() < 1e-5
