"""The studies that a sweep comes to, one after the other, the sweep's own last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dcgan.errors import DcganError, Interrupted, note
from dcgan.study import plan as planning
from dcgan.study.joining import join
from dcgan.study.plan import Plan
from dcgan.study.queue import Queue
from dcgan.study.queue.claim import Source
from dcgan.study.search import stages as searching
from dcgan.study.search.queue import SearchQueue
from dcgan.study.sweep import Sweep

_LOOK_AGAIN = 1.0  # seconds between looks for the next stage
_PATIENCE = 600.0  # seconds for which a worker waits for it


def stages(sweep: Sweep) -> Iterator[Plan]:
    """The plans in the order in which they are to be run: each is worked out from the runs of those before, so ask for
    the next one when they are over.

    Raises Misuse for what cannot be, and for a study that ran trials under another plan.
    """
    if searching.is_search(sweep):
        yield from searching.stages(sweep)
        return
    plan = planning.make(sweep)
    planning.check(plan)
    yield plan


def joined(study: str, url: str | None, stop: Callable[[], bool]) -> Iterator[Plan]:
    """The plans of a study's stages as they come to be, for a worker that somebody else's `dcgan sweep` leads.

    Raises Misuse as `join`, Interrupted after `stop`, and DcganError if the next stage does not begin within ten
    minutes.
    """
    plan = join(study, url)
    yield plan
    if plan.study == study:
        return
    note(f"study '{plan.study}' is over here: waiting for the plan of '{study}'")
    given_up = time.monotonic() + _PATIENCE
    while (plan := join(study, url)).study != study:
        if stop():
            raise Interrupted(f"worker of study '{study}' stopped")
        if time.monotonic() > given_up:
            raise DcganError(
                f"study '{study}' was not begun within ten minutes after '{plan.study}': type its `dcgan sweep` "
                "command again, then this one"
            )
        time.sleep(_LOOK_AGAIN)
    yield plan


def queue_of(plan: Plan, url: str | None, stop: Callable[[], bool]) -> Source:
    """Where the workers of that plan get their trials. Raises as the queue that it is."""
    kind: Callable[..., Source] = SearchQueue if plan.design.grows else Queue
    return kind(plan, url, stop=stop)
