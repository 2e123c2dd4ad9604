"""A progress bar for what turns out to take long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_PATIENCE = 2.0  # seconds before a bar appears

T = TypeVar("T")


def tracked(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items; a bar on stderr once they have taken two seconds, when stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    start = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, disable=False, auto_refresh=False) as bar:
        task = bar.add_task(what, total=total, visible=False)
        for item in items:
            yield item
            late = time.monotonic() - start > _PATIENCE
            bar.update(task, advance=1, visible=late, refresh=late)
