"""A study that was planned elsewhere: by another process, or on another machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dcgan.common import paths
from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.messages import note
from dcgan.queue import study_record
from dcgan.queue.retry import Patient
from dcgan.queue.storage import open_storage, without_password
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.stages import tuning_stage
from dcgan.sweeps.designs.search import SUFFIX as SEARCH

_LOOK_AGAIN = 1.0  # seconds between looks for the next stage
_PATIENCE = 600.0  # seconds for which a worker waits for it


def join(study: str, url: str | None) -> Plan:
    """The plan of a study, and while it has none, that of the tuning or the search before it.

    What the storage of that URL holds, written into this machine's folder; else the folder's. Raises Misuse if neither
    has any, or if they have different studies of that name.
    """
    return joiner(study, url)()


def joiner(study: str, url: str | None) -> Callable[[], Plan]:
    """`join` for those who ask again and again: over one connection, since a database has only so many of them."""
    storage = None if url is None else Patient(open_storage(paths.studies() / study, url), lambda: False)
    where = "" if url is None else f"--storage {without_password(url)}"

    def look() -> Plan:
        for name in (study, tuning_stage.name(study), study + SEARCH):
            if storage is not None and (content := study_record.published(storage, name)) is not None:
                return stored_plans.adopt(content, where)
            if (paths.studies() / name / "plan.json").exists():
                return stored_plans.load(name)
        return stored_plans.load(study)

    return look


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
