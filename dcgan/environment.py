"""On what a run was made: recorded beside every result, so that two can be told apart."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from dcgan.errors import Misuse
from dcgan.sections import Compute


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is the GPU where there is one. Raises Misuse if it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise Misuse(f"compute.device={name}: not available here; use auto, cpu or cuda") from None
    return device


def configure(compute: Compute, device: torch.device, before: dict[str, Any] | None) -> None:
    """Sets threads and arithmetic for this process.

    A run that goes on (`before`, its record) keeps the threads it began with: on a CPU their number decides the
    order of sums and with it the last bits.
    """
    threads = int(before["environment"]["threads"]) if before else compute.threads
    if threads:
        torch.set_num_threads(threads)
    repeatable(device)


def repeatable(device: torch.device) -> None:
    """Sets this process's arithmetic so that the same work on that device gives the same bits again.

    `fp32` means it: NVIDIA's TF32 is left off. On a GPU, kernels that add in no fixed order are refused, and cuDNN
    neither takes such a one nor chooses by the clock. (cuBLAS repeats itself on one stream since PyTorch 2.10 gives it
    a workspace of its own.) It costs speed: `benchmarks/step.py` times the step without it too. A CPU's kernels all
    repeat themselves.
    """
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # As torch.use_deterministic_algorithms, which would import the compiler for it: seconds of every start.
    torch.set_deterministic_debug_mode("error" if device.type == "cuda" else "default")
    # PyTorch would fill every new tensor then; nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def describe(device: torch.device, compute: Compute) -> dict[str, str | int]:
    """Versions, device, threads and precision as plain values. Nothing that identifies a person or a network."""
    libraries = ("torch", "torchvision", "torch-fidelity", "numpy")
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "system": f"{platform.system()} {platform.machine()}",
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else _processor(),
        "threads": torch.get_num_threads(),
        "precision": compute.precision,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
