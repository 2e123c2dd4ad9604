"""How much is left of the time that a study was given: counted down by whoever works on it, each by its own clock.

The storage has how many seconds are left. Everybody who looks takes off what has passed by its own clock since it saw
that number first, and writes the lower number back, so that who joins later begins with it. No two clocks are compared:
one that is an hour wrong counts seconds all the same. While nobody is at work, no time passes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from dcgan.queue.retry import RetryingStorage

_GIVEN, _LEFT = "time", "time left"  # attributes of the study: what the sweep set, what the workers counted
_WORTH_WRITING = 1.0  # seconds


class TimeLeft:
    """The time of the study with that key in a storage."""

    def __init__(self, storage: RetryingStorage, key: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._key = key
        self._clock = clock
        self._seen: tuple[str, float] = ("", 0.0)  # of which time, and when it ends by this process's clock

    def give(self, seconds: float | None, workers: int) -> None:
        """From now on so many seconds are left; None: no end is set. `workers`: how many there are."""
        given = None if seconds is None else {"token": secrets.token_hex(8), "seconds": seconds, "workers": workers}
        if given is not None or self._attribute(_GIVEN) is not None:
            self._set(_GIVEN, given)

    def look(self) -> tuple[float, int] | None:
        """The seconds that are left, and the number of workers that they were given for; None if no end is set."""
        given = self._attribute(_GIVEN)
        if given is None:
            return None
        token, now = given["token"], self._clock()
        counted = self._attribute(_LEFT)
        stored = counted["seconds"] if counted is not None and counted["token"] == token else given["seconds"]
        end = min(self._seen[1], now + stored) if self._seen[0] == token else now + stored
        self._seen = token, end
        if stored - (end - now) >= _WORTH_WRITING:
            self._set(_LEFT, {"token": token, "seconds": end - now})
        return end - now, max(1, given["workers"])

    def _attribute(self, name: str) -> dict[str, Any] | None:
        value: dict[str, Any] | None = self._storage.call(lambda of: of.get_study_user_attrs(self._key)).get(name)
        return value

    def _set(self, name: str, value: object) -> None:
        self._storage.call(lambda storage: storage.set_study_user_attr(self._key, name, value))
