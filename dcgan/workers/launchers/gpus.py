"""Which of this machine's GPUs each worker gets, and whether their memory will do."""

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
    """What each worker's environment needs for it to see its own GPU and no other; nothing where there are none.

    Where workers must share a GPU, a trial of each arm is tried for its memory first. Raises Misuse as `assign` does.
    """
    devices = usable(plan)
    if not devices:
        return [{}] * workers
    torch.cuda.empty_cache()  # what preparing the study has left in this process is the workers' now
    chosen = devices[:workers] if workers <= len(devices) else assign(*measure(plan), workers)
    if environment.choose_device(plan.base.compute.device).index is not None:
        return [{}] * workers  # a GPU that the experiment names keeps its index only as long as all are visible
    return [{VISIBLE: name} for name in names(chosen, os.environ.get(VISIBLE))]


def names(chosen: Sequence[int], visible: str | None) -> list[str]:
    """What those GPUs are called in CUDA_VISIBLE_DEVICES, given that this process sees those of `visible` itself."""
    seen = [name.strip() for name in (visible or "").split(",") if name.strip()]
    return [seen[index] if seen else str(index) for index in chosen]


def assign(free: Mapping[int, int], need: int, workers: int) -> list[int]:
    """The GPU of each worker: the one that has room and the fewest workers so far, of several the emptiest.

    `free`: bytes by GPU; `need`: bytes that one worker takes at its peak. Raises Misuse if they do not all fit, with
    how many would.
    """
    left = dict(free)
    chosen: list[int] = []
    for _ in range(workers):
        room = [gpu for gpu in left if left[gpu] >= need]
        if not room:
            shown = ", ".join(f"GPU {gpu} has {free[gpu] / _GIB:.1f} GiB free" for gpu in free)
            fix = f"--workers {len(chosen)} fit" if chosen else "not one fits"
            raise Misuse(
                f"no GPU memory for the packing asked for: {workers} workers need {need / _GIB:.1f} GiB each, and "
                f"{shown}: {fix}"
            )
        gpu = min(room, key=lambda each: (chosen.count(each), -left[each]))
        left[gpu] -= need
        chosen.append(gpu)
    return chosen


def measure(plan: Plan) -> tuple[dict[int, int], int]:
    """The free bytes of each usable GPU, and the bytes that a worker takes at its peak.

    In a process of its own, so that what it takes is given back. Raises DcganError if a trial does not fit at all.
    """
    words = [sys.executable, "-m", "dcgan.workers.launchers.memory", plan.study]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise DcganError(f"the GPU memory of a trial could not be measured: {why}")
    found = json.loads(done.stdout.splitlines()[-1])
    return {int(gpu): bytes_ for gpu, bytes_ in found["free"].items()}, int(found["need"])
