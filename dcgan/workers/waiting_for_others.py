"""Waits for what another worker has, or for room on the disk, when one trial or one combination is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from dcgan.common.errors import Interrupted
from dcgan.common.messages import note
from dcgan.study.plan import Plan
from dcgan.workers import disk_space

T = TypeVar("T")
_POLL = 1.0  # seconds between looks while another worker has it


def until_over(look: Callable[[], T | None], name: str, plan: Plan, stop: Callable[[], bool]) -> T:
    """What `look` finds at last; None says that another worker still trains `name`, which is told once.

    A full disk is waited for. Raises Interrupted after a stop.
    """
    waiting = False
    while True:
        with disk_space.waited_for(plan, stop):
            found = look()
            if found is not None:
                return found
            if stop():
                raise Interrupted(f"stopped while another worker trains {name}")
            if not waiting:
                note(f"another worker trains {name}: waiting for it")
            waiting = True
            time.sleep(_POLL)
