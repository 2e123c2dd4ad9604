"""On what a run was made: recorded beside every result, so that two can be told apart."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import torch

from dcgan.common.errors import Misuse
from dcgan.experiment.sections import Compute
from dcgan.records.run_record import RunRecord


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is the GPU where there is one. Raises Misuse, with those that are here, if it is
    not."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        here = ", ".join(["auto", *devices()])
        raise Misuse(f"compute.device={name}: not available here; use one of those that are: {here}") from None
    return device


def devices() -> list[str]:
    """The devices of this machine by the names that `compute.device` takes: `cpu`, and its GPUs."""
    gpus = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return ["cpu", *(["cuda", *gpus] if gpus else []), *(["mps"] if torch.backends.mps.is_available() else [])]


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def configure(compute: Compute, device: torch.device, before: RunRecord | None) -> None:
    """Sets threads and arithmetic for this process.

    A run that goes on (`before`, its record) keeps the threads it began with: on a CPU their number decides the
    order of sums and with it the last bits. The record of one whose worker died before it began names none.
    """
    recorded = before.environment.get("threads") if before else None
    threads = compute.threads if recorded is None else int(recorded)
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
    """Versions, device, threads and precision as plain values. Nothing that identifies a person or a network.

    For a processor also what its name may leave open, and which both decide the bits: the family and model it reports
    (cloud machines of several kinds are all called `AMD EPYC`) and the instruction set that torch's kernels use, which
    `ATEN_CPU_CAPABILITY` can lower. A GPU's name says its kind.
    """
    libraries = ("torch", "torchvision", "torch-fidelity", "numpy")
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "system": f"{platform.system()} {platform.machine()}",
        **({"device": torch.cuda.get_device_name(device)} if device.type == "cuda" else _processor()),
        "threads": torch.get_num_threads(),
        "precision": compute.precision,
    }


def _processor() -> dict[str, str]:
    info = Path("/proc/cpuinfo")
    identity = processor(info.read_text(encoding="utf-8", errors="replace") if info.exists() else "")
    return {
        "device": platform.processor() or platform.machine(),
        **identity,
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def processor(info: str) -> dict[str, str]:
    """The `device` and `model` that a text of /proc/cpuinfo tells, as far as it does.

    ARM's has no names: there the codes of maker and part are the name, all of them where cores differ.
    """
    facts: dict[str, list[str]] = {}
    for line in info.splitlines():
        key, _, value = line.partition(":")
        if value.strip() and value.strip() not in facts.setdefault(key.strip(), []):
            facts[key.strip()].append(value.strip())
    identity = {}
    if "model name" in facts:
        identity["device"] = facts["model name"][0]
    elif "CPU part" in facts:
        maker, parts = facts.get("CPU implementer", ["unknown"])[0], " and ".join(sorted(facts["CPU part"]))
        identity["device"] = f"ARM, maker {maker}, part {parts}"
    if {"vendor_id", "cpu family", "model"} <= facts.keys():
        identity["model"] = f"{facts['vendor_id'][0]} family {facts['cpu family'][0]} model {facts['model'][0]}"
    return identity
