"""A progress bar, shown once something has taken two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_DELAY = 2.0  # seconds before a bar appears
_PERIOD = 0.1  # seconds between its refreshments

T = TypeVar("T")


def tracked(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items; a bar on stderr once they have taken two seconds, when stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    from dcgan.common.messages import escaped

    shown = time.monotonic() + _DELAY - _PERIOD
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(escape(escaped(what)), total=total, visible=False)  # a folder may be called [x]
        for item in items:
            yield item
            refresh = time.monotonic() - shown >= _PERIOD
            bar.update(task, advance=1, visible=refresh or None, refresh=refresh)
            shown = time.monotonic() if refresh else shown
