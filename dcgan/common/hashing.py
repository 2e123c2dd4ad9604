"""A digest of nested values and tensors: equal for equal training states, bit for bit."""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch import Tensor


def digest(state: Any) -> str:
    """SHA-256 over a nested state's keys and values: equal for equal training states, bit for bit."""
    sha = hashlib.sha256()
    _feed(sha, "", state)
    return sha.hexdigest()


def _feed(sha: Any, key: str, value: Any) -> None:
    if isinstance(value, dict):
        for name in sorted(value, key=str):
            _feed(sha, f"{key}/{name}", value[name])
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _feed(sha, f"{key}/{number}", item)
    elif isinstance(value, Tensor):
        plain = value.detach().cpu().contiguous()
        sha.update(f"{key}:{plain.dtype}{tuple(plain.shape)}".encode())
        sha.update(plain.reshape(-1).view(torch.uint8).numpy())
    else:
        sha.update(f"{key}={value!r}".encode())
