"""A study that was planned elsewhere: by another process, or on another machine."""

from __future__ import annotations

from collections.abc import Callable

from dcgan import places
from dcgan.study import plan as planning
from dcgan.study import tuning
from dcgan.study.designs.search import SUFFIX as SEARCH
from dcgan.study.patient import Patient
from dcgan.study.plan import Plan
from dcgan.study.queue import identity
from dcgan.study.storage import open_storage, without_password


def join(study: str, url: str | None) -> Plan:
    """The plan of a study, and while it has none, that of the tuning or the search before it.

    What the storage of that URL holds, written into this machine's folder; else the folder's. Raises Misuse if neither
    has any, or if they have different studies of that name.
    """
    return joiner(study, url)()


def joiner(study: str, url: str | None) -> Callable[[], Plan]:
    """`join` for those who ask again and again: over one connection, since a database has only so many of them."""
    storage = None if url is None else Patient(open_storage(places.studies() / study, url), lambda: False)
    where = "" if url is None else f"--storage {without_password(url)}"

    def look() -> Plan:
        for name in (study, tuning.name(study), study + SEARCH):
            if storage is not None and (content := identity.published(storage, name)) is not None:
                return planning.adopt(content, where)
            if (places.studies() / name / "plan.json").exists():
                return planning.load(name)
        return planning.load(study)

    return look
