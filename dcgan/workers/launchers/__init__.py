"""Launchers: where the workers of a study run. A new launcher is a module of its own and a line in LAUNCHERS."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.workers.launchers.job import Detached, Job, Launcher
from dcgan.workers.launchers.options import read

# By module and class, imported when chosen: Ray takes a while to import, and submitit may not be installed.
LAUNCHERS = {
    "local": "dcgan.workers.launchers.local:Local",
    "ray": "dcgan.workers.launchers.ray:Ray",
    "slurm": "dcgan.workers.launchers.slurm:Slurm",
}


def launcher(name: str, words: Iterable[str] = ()) -> Launcher:
    """The launcher of that name with the options of `words` (KEY=VALUE).

    Raises Misuse with the closest name for a launcher or an option that there is not.
    """
    if name not in LAUNCHERS:
        raise Misuse(f"--launcher {name} is not offered{did_you_mean(name, LAUNCHERS)}")
    module, _, kind = LAUNCHERS[name].partition(":")
    chosen = read(getattr(importlib.import_module(module), kind), name, words)
    assert isinstance(chosen, Launcher)  # noqa: S101 - the table above is ours
    return chosen


__all__ = ["LAUNCHERS", "Detached", "Job", "Launcher", "launcher"]
