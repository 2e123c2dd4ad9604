"""What function a network is, apart from its numbers: layer by layer, so that two networks can be told apart.

The networks are built without memory or numbers (on PyTorch's `meta` device), so that looking costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
from torch import nn

from dcgan.experiment import Experiment
from dcgan.experiment.description import Player
from dcgan.networks.build import lay_out
from dcgan.networks.init import Weighted, weighted_layers
from dcgan.networks.layers import Dropout, MinibatchStddev


@dataclass(frozen=True)
class Layer:
    """A layer with weights and what follows it up to the next one. Two layers are of one function class if these agree.

    `shift`: whether each output channel has a learned number added, by a bias or by its normalisation; `slope`: of the
    activation on the negative side, None without one.
    """

    kind: str
    inputs: int
    outputs: int
    geometry: tuple[int, ...]
    shift: bool
    normalisation: str
    slope: float | None
    dropout: float
    variety: bool  # of the batch, as one more channel, before the next layer


@dataclass(frozen=True)
class NetworkStructure:
    """A network's layers by name, and its learned numbers: name to count."""

    layers: Mapping[str, Layer]
    parameters: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many numbers are learned."""
        return sum(self.parameters.values())


def network_structure(experiment: Experiment, player: Player) -> NetworkStructure:
    """That player's network in an experiment."""
    with torch.device("meta"):
        network = lay_out(experiment, player)
    weighted = dict(weighted_layers(network))
    spectral = experiment.network(player).normalisation == "spectral"
    names = [name for name, _ in network.named_modules()]
    starts = [names.index(name) for name in weighted]
    layers = {}
    for start, end in zip(starts, [*starts[1:], len(names)], strict=True):
        following = [network.get_submodule(name) for name in names[start + 1 : end]]
        layers[names[start].removeprefix("main.")] = _layer(weighted[names[start]], following, spectral)
    parameters = {name.removeprefix("main."): each.numel() for name, each in network.named_parameters()}
    return NetworkStructure(layers, parameters)


def _layer(layer: Weighted, following: list[nn.Module], spectral: bool) -> Layer:
    norms = [each for each in following if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d | nn.GroupNorm)]
    slopes = [_slope(each) for each in following if isinstance(each, nn.ReLU | nn.LeakyReLU)]
    geometry: tuple[int, ...] = ()
    if isinstance(layer, nn.Linear):
        inputs, outputs = layer.in_features, layer.out_features
    else:
        inputs, outputs = layer.in_channels, layer.out_channels
        geometry = (*layer.kernel_size, *layer.stride, *layer.padding)
    return Layer(
        kind=type(layer).__name__,
        inputs=inputs,
        outputs=outputs,
        geometry=geometry,
        shift=layer.bias is not None or any(norm.bias is not None for norm in norms),
        normalisation=_named(norms[0]) if norms else "spectral" if spectral else "none",
        slope=slopes[0] if slopes else None,
        dropout=sum(each.share for each in following if isinstance(each, Dropout)),
        variety=any(isinstance(each, MinibatchStddev) for each in following),
    )


def _slope(activation: nn.Module) -> float:
    return activation.negative_slope if isinstance(activation, nn.LeakyReLU) else 0.0


def _named(norm: nn.Module) -> str:
    return f"GroupNorm of {norm.num_groups} groups" if isinstance(norm, nn.GroupNorm) else type(norm).__name__


def differences(one: NetworkStructure, other: NetworkStructure) -> dict[str, list[str]]:
    """In what two networks differ: a field of `Layer`, or `layers`, to the names of the layers that do.

    `parameters`: the names of the learned numbers that only one of them has.
    """
    differing: dict[str, list[str]] = {}
    for name in dict.fromkeys([*one.layers, *other.layers]):
        if name not in one.layers or name not in other.layers:
            differing.setdefault("layers", []).append(name)
            continue
        for field in fields(Layer):
            if getattr(one.layers[name], field.name) != getattr(other.layers[name], field.name):
                differing.setdefault(field.name, []).append(name)
    shared = one.parameters.keys() & other.parameters.keys()
    if alone := [name for name in {**one.parameters, **other.parameters} if name not in shared]:
        differing["parameters"] = alone
    return differing
