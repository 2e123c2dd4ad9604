"""A stop that the agent of a W&B sweep passes on by SIGTERM: the end of the run as W&B wants it, or an interruption.

The agent ends a program by SIGTERM both where W&B stops its run (by hand, or by Hyperband) and where the agent itself
is told to end. W&B's client in this process learns of the first by asking every 15 seconds. So after the signal the
training goes on until that answer must be there. The agent kills no program before 30 seconds have passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dcgan.common.agent_words import under_agent

REASON = "stopped in W&B"
_GRACE = 20.0  # seconds from the signal on


class AgentStop:
    """Whether a run goes on: `asked` says that a signal came, and `stopped` that W&B wants this run stopped."""

    def __init__(
        self, asked: Callable[[], bool], stopped: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._asked = asked
        self._stopped = stopped
        self._clock = clock
        self._since: float | None = None

    def prune(self) -> str | None:
        """Why the run is to end as pruned; None while it is not."""
        return REASON if self._stopped() else None

    def stop(self) -> bool:
        """Whether it is to be interrupted, so that it can go on another time."""
        if not self._asked():
            return False
        if not under_agent():
            return True
        now = self._clock()
        self._since = now if self._since is None else self._since
        return now - self._since > _GRACE
