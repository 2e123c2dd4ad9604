"""How many processor threads a study's trials get: one number for the whole study, on every machine.

On a CPU the number of threads decides the order of sums and with it the last bits. A study that goes on with other
workers, by another launcher or on another machine must not mix two kinds of trials, so the first launch decides the
number and writes it down. The kind of processor decides the last bits, too: a report says if trials ran on several.
"""

from __future__ import annotations

from dcgan.common.errors import DcganError
from dcgan.common.files import locked, read_json, write_json
from dcgan.common.messages import note
from dcgan.study.plan import Plan

_FILE = "threads.json"
_MOST = 4096


def threads_of(plan: Plan, usual: int) -> int:
    """The threads of each trial: the experiment's `compute.threads`, else the number that the study began with, else
    `usual`, which the study then begins with."""
    if plan.base.compute.threads:
        return plan.base.compute.threads
    file = plan.directory / _FILE
    with locked(plan.directory / ".threads.lock", wait=True):
        if not file.exists():
            write_json(file, {"threads": usual})
            return usual
        threads = read_json(file).get("threads")
        if not isinstance(threads, int) or not 1 <= threads <= _MOST:
            raise DcganError(f"{file} is damaged: expected threads, 1 to {_MOST}: delete it to begin with {usual}")
    if threads != usual:
        note(
            f"study {plan.study} began with {threads} threads a trial and keeps them (here: {usual}), "
            "so that one kind of processor gives the same bits wherever it is trained"
        )
    return threads
