"""`dcgan report --watch`: the results of a running study, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from dcgan.report import Results
    from dcgan.study.status import Standing

T = TypeVar("T")

SECONDS = 2.0  # between looks


def rebuilt(study: str, build: Callable[[Results], T]) -> Iterator[tuple[T, Standing]]:
    """What is built of the study's results, at once and whenever trials have ended since, until none is left or a stop
    is asked for.

    What cannot be reported on yet is told once, and waited for. Raises Misuse for a study that is not there.
    """
    from dcgan import report
    from dcgan.common.errors import DcganError
    from dcgan.common.messages import message
    from dcgan.common.signals import stopping
    from dcgan.study import trials_table
    from dcgan.study.status import Overview
    from dcgan.workers.joining import join

    overview = Overview(join(study, None))
    seen: frozenset[str] | None = None
    told = ""
    with stopping() as stop:
        while not stop():
            standing = overview.look()
            over = frozenset(run for run, record in standing.outcomes.items() if record.status != "running")
            if over != seen:
                trials_table.write(standing.plan)
                try:
                    built = build(report.from_study(standing.plan.directory, live=not standing.complete))
                except DcganError as error:
                    if standing.complete:
                        raise
                    if str(error) != told:
                        told = str(error)
                        message(told)
                else:
                    yield built, standing
                seen = over
            if standing.complete:
                return
            time.sleep(SECONDS)
