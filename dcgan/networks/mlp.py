"""Players of fully connected layers: the multi-layer perceptrons that the article's tip 1 speaks of."""

from __future__ import annotations

from torch import nn

from dcgan.networks.shape import Layers, NetworkShape


def generator_layers(shape: NetworkShape, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    return Layers(
        flatten=nn.Flatten(),
        **_hidden(shape, dim, normalised_from=1),
        pixels=nn.Linear(shape.units, shape.channels * shape.size**2),
        unflatten=nn.Unflatten(1, (shape.channels, shape.size, shape.size)),
    )


def discriminator_layers(shape: NetworkShape) -> Layers:
    """Images (N, channels, size, size) to vectors (N, units)."""
    return Layers(flatten=nn.Flatten(), **_hidden(shape, shape.channels * shape.size**2, normalised_from=2))


def last_layer(shape: NetworkShape, extra: int, logits: int) -> nn.Module:
    """Vectors (N, units + extra) to logits (N, logits)."""
    return nn.Linear(shape.units + extra, logits)


def _hidden(shape: NetworkShape, inputs: int, *, normalised_from: int) -> Layers:
    """All layers but the last, numbered from 1: vectors (N, inputs) to vectors (N, units)."""
    layers = Layers()
    for number in range(1, shape.depth):
        layers[f"linear{number}"] = nn.Linear(inputs if number == 1 else shape.units, shape.units)
        layers |= shape.after(number, shape.units, vector=True, normalised=number >= normalised_from)
    return layers
