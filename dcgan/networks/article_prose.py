"""The network of the article's text (its section 4, part 1), which is not the network of its listing.

G, of the text: two fully connected layers to maps, then deconvolution (transposed convolution) and upsampling to
pixels. D, of the text: convolutions, pooling and BatchNorm; its two class probabilities are the head `two_class`.

The text also sends G's noise through "convolution and pooling layers" first. A vector of independent numbers has no
neighbours to convolve or to pool, so this is left out. The text gives no numbers; here the maps are those of the
`dcgan` architecture, kernels are 3 x 3, upsampling repeats the nearest pixel, and pooling averages, which is the
transpose of that repeating and keeps D's gradient smooth for penalties on it. Convolutions have no bias, as in
the listing, but where BatchNorm's shift would follow and does not; the fully connected layers have one.
"""

from __future__ import annotations

from torch import nn

from dcgan.networks.shape import Layers, Plan


def generator_layers(plan: Plan, dim: int) -> Layers:
    """Noise (N, dim, 1, 1) to images (N, channels, size, size) before tanh."""
    before = plan.maps(plan.base)
    shape = before, plan.base, plan.base
    layers = Layers(
        flatten=nn.Flatten(),
        full1=nn.Linear(dim, plan.units),
        **plan.after("_full1", plan.units, vector=True),
        full2=nn.Linear(plan.units, before * plan.base**2),
        unflatten=nn.Unflatten(1, shape),
        **plan.after("_full2", before),
    )
    for side in plan.sides:
        out = plan.maps(side)
        layers[f"deconv{side}"] = nn.ConvTranspose2d(before, out, 3, 1, 1, bias=plan.needs_bias)
        layers |= plan.after(side, out)
        layers[f"repeat{side}"] = nn.Upsample(scale_factor=2, mode="nearest")
        before = out
    layers["pixels"] = nn.Conv2d(before, plan.channels, 3, 1, 1, bias=False)
    return layers


def discriminator_layers(plan: Plan) -> Layers:
    """Images (N, channels, size, size) to maps (N, maps(base), base, base)."""
    layers, before = Layers(), plan.channels
    for side in reversed(plan.sides):
        out, normalised = plan.maps(side), side != plan.sides[-1]
        layers[f"conv{side}"] = nn.Conv2d(before, out, 3, 1, 1, bias=normalised and plan.needs_bias)
        layers |= plan.after(side, out, normalised=normalised)
        layers[f"pool{side}"] = nn.AvgPool2d(2)
        before = out
    return layers
