"""A stop that the agent of a W&B sweep passes on by SIGTERM: the end of the run as W&B wants it, or an interruption.

The agent ends a program by SIGTERM both where W&B stops its run (by hand, or by Hyperband) and where the agent itself
is told to end. W&B's client in this process learns of the first by asking every 15 seconds, and the run then ends as
pruned. So after the signal the training goes on until that answer must be there. The agent kills no program before 30
seconds have passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dcgan.common.agent_words import under_agent

_GRACE = 20.0  # seconds from the signal on


class AgentStop:
    """Whether a run is to be interrupted, so that it can go on another time: at once after a signal, which `asked`
    says, but under an agent only when W&B would have said that the run is to end there."""

    def __init__(self, asked: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._asked = asked
        self._clock = clock
        self._since: float | None = None

    def __call__(self) -> bool:
        """Asked again and again while the run goes on."""
        if not self._asked():
            return False
        now = self._clock()
        self._since = now if self._since is None else self._since
        return not under_agent() or now - self._since > _GRACE
