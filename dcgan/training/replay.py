"""A history of generated images (Shrivastava et al. 2017, section 2.3)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dcgan.data.pixels import normalise, to_uint8


class Replay:
    """Keeps earlier generated images, as 8-bit images, and mixes a share of them into D's fake batch.

    Each batch first leaves `share` of itself in the history, in free places while there are any and then in random
    ones; the same number is drawn from the history, with repetition, in its stead.
    """

    def __init__(self, *, share: float, capacity: int, shape: tuple[int, ...], generator: torch.Generator) -> None:
        self._share = share
        self._generator = generator
        self._images = torch.zeros((capacity, *shape), dtype=torch.uint8, device=generator.device)
        self._filled = 0

    def mix(self, fake: Tensor) -> Tensor:
        """A batch like `fake` (N, C, H, W) in which round(share N) images, the first ones, come from the history."""
        count = round(self._share * fake.shape[0])
        device = self._generator.device
        capacity = self._images.shape[0]
        if self._filled + count <= capacity:
            places = torch.arange(self._filled, self._filled + count, device=device)
            self._filled += count
        else:
            places = torch.randperm(capacity, generator=self._generator, device=device)[:count]
            self._filled = capacity
        self._images[places] = to_uint8(fake[:count])
        drawn = torch.randint(self._filled, (count,), generator=self._generator, device=device)
        return torch.cat([normalise(self._images[drawn]).to(fake.dtype), fake[count:]])

    def state_dict(self) -> dict[str, Any]:
        """The history and the stream."""
        return {"images": self._images, "filled": self._filled, "generator": self._generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._images.copy_(state["images"])
        self._filled = state["filled"]
        self._generator.set_state(state["generator"].cpu())
