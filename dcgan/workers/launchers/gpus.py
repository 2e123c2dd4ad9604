"""Which of this machine's GPUs each worker gets, and whether their memory suffices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

import torch

from dcgan.common.errors import DcganError, Misuse
from dcgan.runs import environment
from dcgan.study.plan import Plan

VISIBLE = "CUDA_VISIBLE_DEVICES"
_GIB = 2**30


def usable(plan: Plan) -> list[int]:
    """The GPUs that the plan's trials may be given, by index: all of them, or the one that `compute.device` names."""
    device = environment.choose_device(plan.base.compute.device)
    if device.type != "cuda":
        return []
    return list(range(torch.cuda.device_count())) if device.index is None else [device.index]


def places(plan: Plan, workers: int) -> list[dict[str, str]]:
    """The environment variables with which each worker sees its own GPU and no other; none where there are no GPUs.

    Where workers must share a GPU, the memory of a trial of each arm is measured first. Raises Misuse as `assign` does.
    """
    devices = usable(plan)
    if not devices:
        return [{}] * workers
    torch.cuda.empty_cache()  # this process prepared the study; the workers need that memory now
    chosen = devices[:workers] if workers <= len(devices) else assign(*measure(plan), workers)
    if environment.choose_device(plan.base.compute.device).index is not None:
        return [{}] * workers  # the index that the experiment names counts all GPUs: all stay visible
    return [{VISIBLE: name} for name in names(chosen, os.environ.get(VISIBLE))]


def names(chosen: Sequence[int], visible: str | None) -> list[str]:
    """The names of those GPUs for CUDA_VISIBLE_DEVICES; `visible` is its value in this process."""
    own = [name.strip() for name in (visible or "").split(",") if name.strip()]
    return [own[index] if own else str(index) for index in chosen]


def assign(free: Mapping[int, int], need: int, workers: int) -> list[int]:
    """The GPU of each worker: of those with enough memory the one with the fewest workers, of several the emptiest.

    `free`: bytes by GPU; `need`: bytes that one worker takes at its peak. Raises Misuse if they do not all fit, with
    how many would.
    """
    left = dict(free)
    chosen: list[int] = []
    for _ in range(workers):
        room = [gpu for gpu in left if left[gpu] >= need]
        if not room:
            memory = ", ".join(f"GPU {gpu} has {free[gpu] / _GIB:.1f} GiB free" for gpu in free)
            fix = f"--workers {len(chosen)} fit" if chosen else "not one fits"
            raise Misuse(
                f"no GPU memory for the packing asked for: {workers} workers need {need / _GIB:.1f} GiB each, and "
                f"{memory}: {fix}"
            )
        gpu = min(room, key=lambda index: (chosen.count(index), -left[index]))
        left[gpu] -= need
        chosen.append(gpu)
    return chosen


def measure(plan: Plan) -> tuple[dict[int, int], int]:
    """The free bytes of each usable GPU, and the bytes that a worker takes at its peak.

    Measured in a process of its own, whose memory is freed when it ends. Raises DcganError if not even one fits.
    """
    words = [sys.executable, "-m", "dcgan.workers.launchers.memory", plan.study]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own command
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise DcganError(f"the GPU memory of a trial could not be measured: {why}")
    measured = json.loads(done.stdout.splitlines()[-1])
    return {int(gpu): bytes_ for gpu, bytes_ in measured["free"].items()}, int(measured["need"])
