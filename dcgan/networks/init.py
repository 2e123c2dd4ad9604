"""Initial weights. Every tensor is drawn from a stream of its own, keyed by its name: toggling a layer, a
normalisation or a rule moves no other tensor, and two rules that differ in scale differ in scale only."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dcgan.streams import stream


def fans(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[float, float]:
    """(fan_in, fan_out): inputs that feed one output, and outputs that one input feeds, per position on average.

    A stride-s convolution has fan_out = out k^2 / s^2; for a transposed convolution the roles swap, which
    `torch.nn.init` does not know (it takes the weight's second axis for the input whatever the layer). A layer
    between 1 x 1 and k x k pixels (stride 1, no padding) joins each pair of positions by exactly one weight.
    """
    window = math.prod(layer.kernel_size)
    single = layer.stride == (1, 1) and layer.padding == (0, 0)
    share = 1.0 if single else window / math.prod(layer.stride)
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.in_channels * share, layer.out_channels * window
    return layer.in_channels * window, layer.out_channels * share


def standard_deviation(rule: str, layer: nn.Conv2d | nn.ConvTranspose2d, slope: float | None) -> float:
    """The standard deviation of a layer's weights.

    `xavier`: sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010, equation 12). `he`: sqrt(2 / ((1 + a^2) fan_in))
    (He et al. 2015, equation 15) with a the slope of the activation that follows; sqrt(1 / fan_in) before none
    (`slope` None). `dcgan`: 0.02 (Radford et al. 2016). `torch`: that of PyTorch's default, 1 / sqrt(3 fan_in) with
    its own fan_in.
    """
    fan_in, fan_out = fans(layer)
    if rule == "xavier":
        return math.sqrt(2 / (fan_in + fan_out))
    if rule == "he":
        return math.sqrt((1 if slope is None else 2 / (1 + slope**2)) / fan_in)
    if rule == "dcgan":
        return 0.02
    return 1 / math.sqrt(3 * layer.weight[0].numel())


@torch.no_grad()
def initialise(network: nn.Module, *, rule: str, slope: float, seed: int, player: str) -> None:
    """Fills every parameter of `network` in place, on the CPU, from (seed, player, parameter name)."""
    layers = [item for item in network.named_modules() if isinstance(item[1], nn.Conv2d | nn.ConvTranspose2d)]
    for name, layer in layers:
        following = None if name == layers[-1][0] else slope
        deviation = standard_deviation(rule, layer, following)
        layer.weight.copy_(_draw(rule, layer.weight, deviation, stream(seed, "init", player, name)))
    for _, layer in network.named_modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()


def _draw(rule: str, like: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    if rule == "torch":
        bound = deviation * math.sqrt(3)  # PyTorch's default is uniform
        return torch.empty(like.shape).uniform_(-bound, bound, generator=generator)
    return torch.empty(like.shape).normal_(0, deviation, generator=generator)
