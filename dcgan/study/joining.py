"""A study that was planned on another machine."""

from __future__ import annotations

from dcgan import places
from dcgan.study import plan as planning
from dcgan.study.patient import Patient
from dcgan.study.plan import Plan
from dcgan.study.queue import identity
from dcgan.study.storage import open_storage, without_password
from dcgan.study.sweep import find_study


def join(study: str, url: str | None) -> Plan:
    """The plan of a study: from its folder, or from the storage of that URL, and then written into the folder.

    Raises Misuse if neither has it, or if they have different studies of that name.
    """
    if url is None:
        find_study(study)
        return planning.load(study)
    storage = Patient(open_storage(places.studies() / study, url), lambda: False)
    return planning.adopt(study, identity.published(storage, study), f"--storage {without_password(url)}")
