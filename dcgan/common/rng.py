"""Random streams: one generator per purpose, seeded by name, so that no use of chance moves another's."""

from __future__ import annotations

import hashlib

import torch


def stream(seed: int, *purpose: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator for one purpose of one run: `stream(0, "noise")`. Equal arguments give equal numbers."""
    digest = hashlib.sha256("/".join([str(seed), *purpose]).encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)
