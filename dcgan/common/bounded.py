"""A bound from outside on calls whose own time limits do not hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, do: Callable[[], Result]) -> Result:
    """What `do` returns or raises, if that comes within so many seconds; else TimeoutError.

    It is called in a thread of its own, which is then left behind, and which does not keep the process from ending.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(do())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]
