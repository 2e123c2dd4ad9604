"""The studies that a sweep comes to, one after the other: what is to be known before it, then the sweep's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dcgan import places
from dcgan.errors import DcganError, Interrupted, note
from dcgan.files import read_json
from dcgan.study import plan as planning
from dcgan.study import tuning
from dcgan.study.difference import difference
from dcgan.study.joining import joiner
from dcgan.study.plan import Plan
from dcgan.study.queue import Queue
from dcgan.study.queue.claim import Source
from dcgan.study.search import stages as searching
from dcgan.study.search.queue import SearchQueue
from dcgan.study.sweep import Sweep

_LOOK_AGAIN = 1.0  # seconds between looks for the next stage
_PATIENCE = 600.0  # seconds for which a worker waits for it


def stages(sweep: Sweep) -> Iterator[Plan]:
    """The plans in the order in which they are to be run, the sweep's own last.

    Each is worked out from the runs of those before: ask for the next one when they are over. What the sweep's own
    plan took from them stays once that was written, as long as it is the same sweep. Raises as `planned`.
    """
    if searching.is_search(sweep):
        yield from searching.stages(sweep)
        return
    *before, last = planned(sweep)
    for plan in before:
        # Whoever joins the study now is to find the tuning, not an older plan of which no trial was run.
        (last.directory / "plan.json").unlink(missing_ok=True)
        yield plan
        last = planning.make(sweep, tuning.choose(plan))
    yield last


def planned(sweep: Sweep) -> list[Plan]:
    """The plans of the stages that are left of a sweep that does not search, as far as they are known: arms still to be
    tuned are there as they are.

    Raises Misuse for what cannot be, and for a study that ran trials under another plan.
    """
    tunable = sweep.tune is not None and sweep.tuning_of is None
    path = places.studies() / sweep.study / "plan.json"
    written = read_json(path) if tunable and path.exists() else {}
    tuned = planning.tuned_in(written, str(path))
    plan = planning.make(sweep, tuned)
    planning.check(plan)
    if not tunable or (tuned is not None and difference(written, plan) is None):
        return [plan]
    before = planning.make(tuning.search(sweep))
    planning.check(before)
    return [before, planning.make(sweep)]


def joined(study: str, url: str | None, stop: Callable[[], bool]) -> Iterator[Plan]:
    """The plans of a study's stages as they come to be, for a worker that somebody else's `dcgan sweep` leads.

    Raises Misuse as `join`, Interrupted after `stop`, and DcganError if the next stage does not begin within ten
    minutes.
    """
    look = joiner(study, url)
    plan = look()
    yield plan
    if plan.study == study:
        return
    note(f"study '{plan.study}' is over here: waiting for the plan of '{study}'")
    given_up = time.monotonic() + _PATIENCE
    while (plan := look()).study != study:
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
    return SearchQueue(plan, url, stop=stop) if plan.design.grows else Queue(plan, url, stop=stop)
