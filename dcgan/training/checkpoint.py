"""Checkpoints: nested plain values and tensors, written atomically, loaded without running any code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dcgan.common import torch_file
from dcgan.common.errors import DcganError
from dcgan.common.files import write_atomically
from dcgan.common.hashing import digest


def save(path: Path, state: dict[str, Any]) -> str:
    """Writes a state and returns its digest. The old checkpoint stays until the new one is whole on the disk."""
    content = digest(state)
    buffer = io.BytesIO()  # torch.save hides why a file could not be written; memory has room for a checkpoint
    torch.save({**state, "digest": content}, buffer)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))
    return content


def load(path: Path) -> dict[str, Any]:
    """Reads a state onto the CPU. Raises DcganError if the file is damaged, with what to do."""
    damaged = f"{path} is damaged: delete it to train this run from the start"
    try:
        state = torch_file.read(path)
    except torch_file.DAMAGE as error:
        raise DcganError(damaged) from error
    if not isinstance(state, dict) or state.pop("digest", None) != digest(state):
        raise DcganError(damaged)
    return state


def evaluation_weights(state: dict[str, Any]) -> dict[str, Tensor]:
    """The weights, in the state of a `Trainer`, of the generator that is scored and sampled: their running average if
    there is one."""
    players = state["players"]
    weights: dict[str, Tensor] = players["average"]["network"] if "average" in players else players["generator"]
    return weights
