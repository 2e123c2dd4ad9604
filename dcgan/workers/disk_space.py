"""Waits for free space on the disk that holds the runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from dcgan.common import paths
from dcgan.common.errors import NoRoom
from dcgan.common.files import write_atomically
from dcgan.common.messages import note
from dcgan.study.plan import Plan

_LEAST = 2**20  # bytes
_CHECKPOINTS = 3  # the old one, the new one beside it, and weights and tables
_POLL = 1.0  # seconds


@contextlib.contextmanager
def waited_for(plan: Plan, stop: Callable[[], bool]) -> Iterator[None]:
    """Where the disk gets full within this block, says so and leaves the block when there is space, or after a stop."""
    try:
        yield
    except NoRoom as error:
        note(f"{error}; going on when there is room")
        _wait(plan, stop)


def _wait(plan: Plan, stop: Callable[[], bool]) -> None:
    """Returns when there is space for the files of a run, or `stop` says so.

    Tested by writing a file: the free blocks of a file system show neither a quota nor what it reserves for itself.
    """
    probe = paths.runs() / f".room-{plan.study}"
    while not stop():
        time.sleep(_POLL)
        with contextlib.suppress(NoRoom):
            write_atomically(probe, lambda file: file.write(bytes(_needed(plan))))
            probe.unlink(missing_ok=True)
            return


def _needed(plan: Plan) -> int:
    """The bytes of a run's files, estimated from the study's largest checkpoint."""
    sizes = [0]
    for trial in plan.trials[: 4 * len(plan.arms)]:
        with contextlib.suppress(OSError):
            sizes.append(trial.directory.checkpoint.stat().st_size)
    return max(_LEAST, _CHECKPOINTS * max(sizes))
