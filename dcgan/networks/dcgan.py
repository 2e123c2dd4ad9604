"""The article's listing: all-convolutional players, for any size that is a power of two and any depth.

Radford, Metz and Chintala 2016; layer by layer the listing, which is the 64 x 64 case of depth 5. Layers are named
by the side of the maps they make, so that a layer keeps its name (and with it its initial weights) whatever else is
toggled. No layer has a bias, as in the listing, but where BatchNorm's shift would follow and does not.
"""

from __future__ import annotations

from torch import nn

from dcgan.networks.shape import Layers, Plan


def generator_layers(plan: Plan, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    layers = Layers()
    before, kernel, stride, padding = dim, plan.base, 1, 0
    for side in plan.sides:
        out = plan.maps(side)
        layers[f"up{side}"] = nn.ConvTranspose2d(before, out, kernel, stride, padding, bias=plan.needs_bias)
        layers |= plan.after(side, out)
        before, kernel, stride, padding = out, 4, 2, 1
    layers[f"up{plan.size}"] = nn.ConvTranspose2d(before, plan.channels, 4, 2, 1, bias=False)
    return layers


def discriminator_layers(plan: Plan) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""
    layers, before = Layers(), plan.channels
    for side in reversed(plan.sides):
        out, normalised = plan.maps(side), side != plan.sides[-1]
        layers[f"down{side}"] = nn.Conv2d(before, out, 4, 2, 1, bias=normalised and plan.needs_bias)
        layers |= plan.after(side, out, normalised=normalised)
        before = out
    return layers


def last_layer(plan: Plan, extra: int, scores: int) -> nn.Module:
    """Maps (N, maps(base) + extra, base, base) to scores (N, scores, 1, 1)."""
    return nn.Conv2d(plan.maps(plan.base) + extra, scores, plan.base, 1, 0, bias=False)
