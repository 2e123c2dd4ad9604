"""Initial weights. Every tensor is drawn from a stream of its own, keyed by its name: toggling a layer, a
normalisation or a rule moves no other tensor, and two rules that differ in scale differ in scale only."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dcgan.common.rng import stream

Weighted = nn.Conv2d | nn.ConvTranspose2d | nn.Linear


def weighted_layers(network: nn.Module) -> list[tuple[str, Weighted]]:
    """The layers with weights, in order, by name."""
    return [(name, layer) for name, layer in network.named_modules() if isinstance(layer, Weighted)]


def fans(layer: Weighted) -> tuple[float, float]:
    """(fan_in, fan_out): inputs that feed one output, and outputs that one input feeds, per position on average.

    A stride-s convolution has fan_out = out k^2 / s^2; for a transposed convolution the roles swap. `torch.nn.init`
    knows neither (it leaves the stride out and takes the weight's second axis for the input whatever the layer). A
    layer between 1 x 1 and k x k pixels (stride 1, no padding) joins each pair of positions by exactly one weight.
    """
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    window = math.prod(layer.kernel_size)
    single = layer.stride == (1, 1) and layer.padding == (0, 0)
    share = 1.0 if single else window / math.prod(layer.stride)
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.in_channels * share, layer.out_channels * window
    return layer.in_channels * window, layer.out_channels * share


def standard_deviation(rule: str, layer: Weighted, slope: float | None) -> float:
    """The standard deviation of a layer's weights where a rule draws them from a normal distribution.

    `xavier`: sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010, equation 12). `he`: sqrt(2 / ((1 + a^2) fan_in))
    (He et al. 2015, equation 15) with a the slope of the activation that follows; sqrt(1 / fan_in) before none
    (`slope` None). `dcgan`: 0.02 (Radford et al. 2016).
    """
    fan_in, fan_out = fans(layer)
    if rule == "xavier":
        return math.sqrt(2 / (fan_in + fan_out))
    if rule == "he":
        return math.sqrt((1 if slope is None else 2 / (1 + slope**2)) / fan_in)
    return 0.02


@torch.no_grad()
def initialise(network: nn.Module, *, rule: str, slope: float, seed: int, player: str, own_biases: bool) -> None:
    """Fills the weights and biases of `network` in place, on the CPU, from (seed, player, layer name).

    Biases start at 0, except with the rule `torch`, and where a convolution's stands for a normalisation's shift: then
    it starts as that does, under every rule. That is so of all of them unless convolutions have `own_biases`.
    Normalisations are left as they begin, at scale 1 and shift 0.
    """
    layers = weighted_layers(network)
    for name, layer in layers:
        following = None if name == layers[-1][0] else slope
        layer.weight.copy_(_draw(rule, layer, following, stream(seed, "init", player, name)))
        if layer.bias is not None:
            is_own = own_biases or isinstance(layer, nn.Linear)
            bound = _torch_bound(layer) if rule == "torch" and is_own else 0.0
            layer.bias.uniform_(-bound, bound, generator=stream(seed, "init", player, name, "bias"))


def _draw(rule: str, layer: Weighted, slope: float | None, generator: torch.Generator) -> Tensor:
    """New weights of the layer's shape.

    `torch` is PyTorch's default, which is uniform. `orthogonal` (Saxe et al. 2014, gain 1): of the weights as a
    matrix whose rows are the weight's first axis, the rows are orthonormal, or the columns where there are more rows
    than columns. That axis is a layer's outputs, and the inputs of a transposed convolution. `xavier_torch` and
    `he_torch` are PyTorch's own forms of the two rules, which count a layer's connections otherwise: see `fans`.
    """
    weights = torch.empty(layer.weight.shape)
    if rule == "orthogonal":
        return nn.init.orthogonal_(weights, generator=generator)
    if rule == "xavier_torch":
        return nn.init.xavier_normal_(weights, generator=generator)
    if rule == "he_torch":
        if slope is None:
            return nn.init.kaiming_normal_(weights, nonlinearity="linear", generator=generator)
        return nn.init.kaiming_normal_(weights, a=slope, generator=generator)
    if rule == "torch":
        return weights.uniform_(-_torch_bound(layer), _torch_bound(layer), generator=generator)
    return weights.normal_(0, standard_deviation(rule, layer, slope), generator=generator)


def _torch_bound(layer: Weighted) -> float:
    """PyTorch's default draws weights and biases uniformly up to this bound, 1 / sqrt(its own fan_in)."""
    return 1 / math.sqrt(layer.weight[0].numel())
