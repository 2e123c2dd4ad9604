"""The loop that all convolutional players are built by: one stage for each size of their maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn

from dcgan.networks.shape import Layers, NetworkShape

# (channels in, channels out, pixels along a side of the stage's maps, whether it needs a bias) to a layer
Convolution = Callable[[int, int, int, bool], nn.Module]
Resize = tuple[str, Callable[[], nn.Module]]  # the layer's name before the side, and what makes it


def stages(
    shape: NetworkShape,
    inputs: int,
    sides: Sequence[int],
    *,
    name: str,
    convolution: Convolution,
    first_normalised: bool = True,
    resize: Resize | None = None,
) -> Layers:
    """A stage for each of the `sides`: a convolution, what follows it, and a layer that resizes its maps, if any.

    Layers are named by the side of the maps of their stage, so that a layer keeps its name (and with it its initial
    weights) whatever else is toggled. A convolution has a bias where BatchNorm's shift would follow and does not.
    """
    layers = Layers()
    channels = inputs
    for number, side in enumerate(sides):
        normalised = first_normalised or number > 0
        outputs = shape.maps(side)
        layers[f"{name}{side}"] = convolution(channels, outputs, side, normalised and shape.needs_bias)
        layers |= shape.after(side, outputs, normalised=normalised)
        if resize:
            layers[f"{resize[0]}{side}"] = resize[1]()
        channels = outputs
    return layers
