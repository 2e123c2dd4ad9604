"""The architectures that there are, as data: what a description has to know of each to check its depth.

An entry makes a name that `generator.architecture` and `discriminator.architecture` take. What is built under that name
stands in `dcgan.networks.build`; importing this imports no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class NetworkKind:
    """What there is to know of an architecture, besides its layers.

    `usual_depth(size)`: its layers where none are given, for images of `size` x `size`. `deepest(size)`: the most that
    it can have; None for vectors, which are not halved and have no positions. `widest(depth)`: the channels of its
    widest maps, or the units of its hidden layers, in multiples of `width`.
    """

    usual_depth: Callable[[int], int]
    deepest: Callable[[int], int] | None
    widest: Callable[[int], int] = lambda depth: 2 ** (depth - 2)


def to_one_pixel(size: int) -> int:
    """The layers of a network that halves images of that size, rounding up, down to one pixel."""
    return (size - 1).bit_length() + 1


def _to_four_pixels(size: int) -> int:
    return size.bit_length() - 2  # 5 at 64


def _halvings(size: int) -> int:
    return (size & -size).bit_length()  # without a remainder


_HALVING = NetworkKind(usual_depth=_to_four_pixels, deepest=_halvings)

ARCHITECTURE_KINDS: dict[str, NetworkKind] = {
    # The article's listing.
    "dcgan": _HALVING,
    # The article's tip 1: three layers in place of four.
    "mlp": NetworkKind(usual_depth=lambda _size: 4, deepest=None, widest=lambda _depth: 8),
    # The other network that the article's text describes.
    "article_prose": _HALVING,
    # The one that scores on Stacked MNIST are published for: down to 2 x 2 pixels, 5 at 28.
    "veegan": NetworkKind(usual_depth=lambda size: (size - 1).bit_length(), deepest=to_one_pixel),
}

if TYPE_CHECKING:
    ArchitectureName = str
else:
    ArchitectureName = Literal[tuple(ARCHITECTURE_KINDS)]
