"""Tick statistics: sums stay on the device, one synchronisation a tick."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class AverageMeter:
    """Means of named numbers over the steps since the last reading."""

    def __init__(self, names: tuple[str, ...], device: torch.device) -> None:
        self._names = names
        self._sums = torch.zeros(len(names), dtype=torch.float64, device=device)
        self._count = 0

    def add(self, *values: Tensor) -> None:
        """Adds one step's scalars, in the order of the names, without waiting for the device."""
        self._sums += torch.stack([value.detach().double() for value in values])
        self._count += 1

    def read(self) -> dict[str, float]:
        """The means since the last reading, and a fresh start. Waits for the device."""
        means = (self._sums / max(self._count, 1)).tolist()
        self._sums.zero_()
        self._count = 0
        return dict(zip(self._names, means, strict=True))

    def state_dict(self) -> dict[str, Any]:
        """The sums so far."""
        return {"sums": self._sums, "count": self._count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._sums.copy_(state["sums"])
        self._count = state["count"]
