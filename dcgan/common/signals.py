"""Ctrl-C, SIGTERM and the hang-up of a terminal: the first asks to stop at the next step, the second stops at once."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from dcgan.common.messages import message


@contextlib.contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Yields a function that says whether a stop was asked for. The handlers before are restored.

    A hang-up that is ignored, as `nohup` has it, stays ignored. Beside another signal it changes nothing: a session
    that ends may send both, and several.
    """
    asked = insisted = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked, insisted
        if number != signal.SIGHUP:
            if insisted:
                raise KeyboardInterrupt
            insisted = True
        if not asked:
            asked = True
            message("stopping (once more: at once) ...")

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
