"""The device that the tests of this folder are about: a GPU, or what DCGAN_TEST_DEVICE names.

With DCGAN_TEST_DEVICE=cpu the same tests run on any machine: that shows that they themselves are right.

    python tests/gpu/device.py        says in one line why there is no such device, and ends with 1 then
"""

from __future__ import annotations

import os
import sys

import torch

from dcgan.common.errors import Misuse
from dcgan.runs.environment import choose_device

NAME = os.environ.get("DCGAN_TEST_DEVICE", "cuda")


def missing() -> str | None:
    """Why the tests of this folder cannot run; None if they can."""
    try:
        choose_device(NAME)
    except Misuse:
        return f"tests/gpu skipped: no device '{NAME}' on this machine (DCGAN_TEST_DEVICE=cpu tries the tests on a CPU)"
    return None


def here() -> torch.device:
    """The device; without it the module that asks is skipped."""
    import pytest

    if why := missing():
        pytest.skip(why, allow_module_level=True)
    return torch.device(NAME)


if __name__ == "__main__":
    if reason := missing():
        print(reason)
    sys.exit(reason is not None)
