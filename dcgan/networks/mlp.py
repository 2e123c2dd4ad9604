"""Players of fully connected layers: the multi-layer perceptrons that the article's tip 1 speaks of."""

from __future__ import annotations

from torch import nn

from dcgan.networks.shape import Layers, Plan


def generator_layers(plan: Plan, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    shape = plan.channels, plan.size, plan.size
    return Layers(
        flatten=nn.Flatten(),
        **_hidden(plan, dim, normalised_from=1),
        pixels=nn.Linear(plan.units, plan.channels * plan.size**2),
        unflatten=nn.Unflatten(1, shape),
    )


def discriminator_layers(plan: Plan) -> Layers:
    """Images (N, channels, size, size) to vectors (N, units)."""
    return Layers(flatten=nn.Flatten(), **_hidden(plan, plan.channels * plan.size**2, normalised_from=2))


def last_layer(plan: Plan, extra: int, scores: int) -> nn.Module:
    """Vectors (N, units + extra) to scores (N, scores)."""
    return nn.Linear(plan.units + extra, scores)


def _hidden(plan: Plan, inputs: int, *, normalised_from: int) -> Layers:
    """All layers but the last, numbered from 1: vectors (N, inputs) to vectors (N, units)."""
    layers = Layers()
    for number in range(1, plan.depth):
        layers[f"linear{number}"] = nn.Linear(inputs if number == 1 else plan.units, plan.units)
        layers |= plan.after(number, plan.units, vector=True, normalised=number >= normalised_from)
    return layers
