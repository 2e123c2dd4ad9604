"""The convolutional players that scores on Stacked MNIST are published for: 28 x 28, but any size and depth will do.

Srivastava et al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN), by the latter's code, which is 28 x 28 at depth 5: 5 x 5
convolutions of stride 2 between maps of 2, 4, 7, 14 and 28 pixels along a side, each half the next, rounded up; a fully
connected layer in front of G and behind D; every layer has a bias. Theirs pad an even side by one pixel less in front
than behind, these by one more: the same networks, seen in a mirror.
"""

from __future__ import annotations

from torch import nn

from dcgan.networks.shape import Layers, Plan


def generator_layers(plan: Plan, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    before = plan.maps(plan.base)
    layers = Layers(
        flatten=nn.Flatten(),
        full=nn.Linear(dim, before * plan.base**2),
        unflatten=nn.Unflatten(1, (before, plan.base, plan.base)),
        **plan.after("_full", before),
    )
    for side in plan.sides[1:]:
        out = plan.maps(side)
        layers[f"up{side}"] = _up(before, out, side)
        layers |= plan.after(side, out)
        before = out
    layers[f"up{plan.size}"] = _up(before, plan.channels, plan.size)
    return layers


def discriminator_layers(plan: Plan) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""
    layers, before = Layers(), plan.channels
    for side in reversed(plan.sides):
        out = plan.maps(side)
        layers[f"down{side}"] = nn.Conv2d(before, out, 5, 2, 2)
        layers |= plan.after(side, out, normalised=side != plan.sides[-1])
        before = out
    return layers


def last_layer(plan: Plan, extra: int, scores: int) -> nn.Module:
    """Maps (N, maps(base) + extra, base, base) to scores (N, scores, 1, 1): a fully connected layer."""
    return nn.Conv2d(plan.maps(plan.base) + extra, scores, plan.base)


def _up(before: int, out: int, side: int) -> nn.ConvTranspose2d:
    """Maps of half of `side` pixels, rounded up, to `out` maps of `side` pixels."""
    return nn.ConvTranspose2d(before, out, 5, 2, 2, output_padding=(side + 1) % 2)
