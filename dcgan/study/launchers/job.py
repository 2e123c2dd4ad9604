"""What every launcher is given, and what it has to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dcgan.study.plan import Plan
from dcgan.study.queue import Queue


@dataclass(frozen=True)
class Job:
    """A study whose queue is filled and whose data and extractor are prepared."""

    plan: Plan
    queue: Queue
    workers: int
    storage: str | None  # the storage's URL; None: the journal in the study's folder
    stop: Callable[[], bool]


# Returns when no trial is left to train; what was wrong with the workers themselves comes back, a line each.
# Raises Interrupted after `stop`.
Launch = Callable[[Job], list[str]]
