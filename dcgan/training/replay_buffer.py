"""A history of generated images (Shrivastava et al. 2017, section 2.3)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dcgan.data.pixels import normalise, to_uint8


class ReplayBuffer:
    """Keeps earlier generated images, as 8-bit images, and mixes a share of them into D's fake batch.

    For each batch, `share` of it is drawn from the history, with repetition, and the same number of its own images
    is left there in exchange: in free places while there are any, then in random ones. (The first batch can draw only
    from itself.) Only the device knows how full the history is, so that nothing here waits for it.
    """

    def __init__(self, *, share: float, capacity: int, shape: tuple[int, ...], generator: torch.Generator) -> None:
        self._share = share
        self._generator = generator
        self._images = torch.zeros((capacity, *shape), dtype=torch.uint8, device=generator.device)
        self._filled = torch.zeros((), dtype=torch.int64, device=generator.device)

    def mix(self, fake: Tensor) -> Tensor:
        """A batch like `fake` (N, C, H, W) in which round(share N) images, the first ones, come from the history."""
        count = round(self._share * fake.shape[0])
        own = to_uint8(fake[:count])
        drawn = self._images[(self._random(count) * self._filled).long()]
        drawn = torch.where(self._filled > 0, drawn, own)
        self._add(own)
        return torch.cat([normalise(drawn).to(fake.dtype), fake[count:]])

    def _add(self, images: Tensor) -> None:
        """Leaves images (n, C, H, W) in the next free places, or in random different ones if there are too few."""
        count, capacity = images.shape[0], self._images.shape[0]
        free = self._filled + torch.arange(count, device=self._images.device)
        any_places = self._random(capacity).argsort()[:count]
        room = self._filled + count <= capacity
        self._images[torch.where(room, free, any_places)] = images
        self._filled = torch.where(room, self._filled + count, torch.full_like(self._filled, capacity))

    def _random(self, count: int) -> Tensor:
        return torch.rand(count, generator=self._generator, device=self._images.device, dtype=torch.float64)

    def state_dict(self) -> dict[str, Any]:
        """The history and the stream."""
        return {"images": self._images, "filled": self._filled, "generator": self._generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._images.copy_(state["images"])
        self._filled.copy_(state["filled"])
        self._generator.set_state(state["generator"].cpu())
