"""The order in which real images are seen: one random permutation after another, cut into batches."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class DataOrder:
    """An endless sequence of image numbers in which every image comes once per pass.

    The sequence depends on the stream alone and not on how it is cut, so runs with different batch sizes see the
    same images in the same order. State: the permutation, the position in it and the stream.
    """

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self._count = count
        self._generator = generator
        self._permutation = self._shuffled()
        self._position = 0

    def next(self, batch: int) -> Tensor:
        """The numbers of the next `batch` images, int64 (batch,). `batch` is at most the number of images."""
        end = self._position + batch
        taken = self._permutation[self._position : end]
        if end <= self._count:
            self._position = end
            return taken
        self._permutation = self._shuffled()
        self._position = end - self._count
        return torch.cat([taken, self._permutation[: self._position]])

    def _shuffled(self) -> Tensor:
        return torch.randperm(self._count, generator=self._generator, device=self._generator.device)

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on with the same sequence."""
        return {
            "permutation": self._permutation,
            "position": self._position,
            "generator": self._generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._permutation = state["permutation"].to(self._generator.device)
        self._position = state["position"]
        self._generator.set_state(state["generator"].cpu())
