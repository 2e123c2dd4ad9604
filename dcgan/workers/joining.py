"""Joining a study that was planned by another process, or on another machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dcgan.common import paths
from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.messages import note
from dcgan.common.url_text import without_password
from dcgan.queue import study_record
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import open_storage
from dcgan.records import plan_file
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan
from dcgan.study.stages import tuning_stage
from dcgan.study.stages.search_stages import best
from dcgan.sweeps.designs.search import SUFFIX as SEARCH

_POLL = 1.0  # seconds between looks for the plan of the next stage
_TIMEOUT = 600.0  # seconds for which a worker waits for that plan


def join(study: str, url: str | None) -> Plan:
    """The plan of a study, or of the tuning or search before it while the study itself has none.

    The plan is read from the storage of that URL and written into this machine's folder; without a plan in the storage
    it is read from the folder. Raises Misuse if neither has one, or if they have different studies of that name.
    """
    return joiner(study, url)()


def joiner(study: str, url: str | None) -> Callable[[], Plan]:
    """`join` as a function to call again and again, over one connection: a database allows only so many."""
    storage = None if url is None else RetryingStorage(open_storage(paths.studies() / study, url), lambda: False)
    where = "" if url is None else f"--storage {without_password(url)}"

    def read() -> Plan:
        for name in (study, tuning_stage.name(study), study + SEARCH):
            if storage is not None and (content := study_record.published_plan(storage, name)) is not None:
                return stored_plans.adopt(name, content, where)
            if plan_file.is_study(paths.studies() / name):
                return stored_plans.load(name)
        return stored_plans.load(study)

    return read


def joined(study: str, url: str | None, stop: Callable[[], bool]) -> Iterator[Plan]:
    """The plans of a study's stages in turn, for a worker of a study that another process's `dcgan sweep` leads.

    The last is the search, where nothing beat the baseline in it. Raises Misuse as `join`, Interrupted after `stop`,
    and DcganError if the next stage does not begin within ten minutes.
    """
    read = joiner(study, url)
    plan = read()
    yield plan
    if plan.study == study:
        return
    if plan.design.grows and not best(now := plan.now(), outcomes(now)):
        note(f"nothing beat the baseline in the search '{plan.study}': there is nothing to confirm")
        return
    note(f"study '{plan.study}' is over here: waiting for the plan of '{study}'")
    deadline = time.monotonic() + _TIMEOUT
    while (plan := read()).study != study:
        if stop():
            raise Interrupted(f"worker of study '{study}' stopped")
        if time.monotonic() > deadline:
            raise DcganError(
                f"study '{study}' was not begun within ten minutes after '{plan.study}': type its `dcgan sweep` "
                "command again, then this one"
            )
        time.sleep(_POLL)
    yield plan
