"""Launchers: where the workers of a study run. One idea a file; add one by adding it to LAUNCHERS."""

from __future__ import annotations

from dcgan.errors import Misuse, did_you_mean
from dcgan.study.launchers.job import Job, Launch
from dcgan.study.launchers.local import launch as local

LAUNCHERS: dict[str, Launch] = {"local": local}


def launcher(name: str) -> Launch:
    """The launcher of that name. Raises Misuse with those that there are."""
    if name not in LAUNCHERS:
        hint = did_you_mean(name, LAUNCHERS).split("; valid")[0]
        raise Misuse(f"--launcher {name} is not offered; offered: {', '.join(LAUNCHERS)}{hint}")
    return LAUNCHERS[name]


__all__ = ["LAUNCHERS", "Job", "Launch", "launcher"]
