"""Mirror: the observer that shows a run as it is trained. Training neither waits for it nor fails with it.

It hands the events on to a thread of its own, which opens the tracker, gives it the rows that the run directory has and
the tracker has not (of an interrupted run, of one that was begun without a mirror), and then those that come.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import ClassVar, Protocol

from dcgan.common.files import locked
from dcgan.common.messages import note
from dcgan.common.metrics import ALONG
from dcgan.runs.directory import RunDirectory
from dcgan.tracking.rows import Row, rows, scores
from dcgan.tracking.tracker import Tracker
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked

BEING_SHOWN = ".shown.lock"  # in the run directory: held while a process shows the run


class Opening(Protocol):
    """What a run is to be shown in. `name` is what notes call it; `later`, what has shown later what was not."""

    name: str
    later: str

    def open(self) -> Tracker | None:
        """The run there; None where nothing is to be shown."""

    def stopped(self) -> str | None:
        """Why the run is to end, if somebody said so there."""

    def abandon(self) -> None:
        """Ends at once what would keep this process waiting."""


class Mirror:
    """Shows one run, from Started to Ended. After a tracker that did not open, or hung, this process shows no more."""

    _lost: ClassVar[bool] = False  # for the whole process: a server that is away would be waited for in every trial
    _busy: ClassVar[set[Mirror]] = set()

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pending: Row | None = None  # of the images that more may still be told of: logged once, and whole

    def __call__(self, event: Event) -> None:
        """Takes an event of the training, at once."""
        if isinstance(event, Started) and not Mirror._lost:
            self._thread = threading.Thread(target=self._follow, name=f"mirror {event.experiment.id}", daemon=True)
            Mirror._busy.add(self)
            self._thread.start()
        if self in Mirror._busy:
            self._events.put(event)

    def stopped(self) -> str | None:
        """Why the run is to end, if somebody said so where it is shown."""
        return self._opening.stopped()

    def _follow(self) -> None:
        try:
            started = self._events.get()
            if isinstance(started, Started):
                with locked(started.directory / BEING_SHOWN, wait=False):
                    self._show(started)
        except Exception as error:  # an observer: the run goes on without it
            note(f"{self._opening.name} does not show all of this run ({_line(error)}); {self._opening.later}")
        finally:
            Mirror._busy.discard(self)

    def _show(self, started: Started) -> None:
        try:
            tracker = self._opening.open()
        except Exception as error:  # no server, no login, no such project: the next run would fare no better
            self._give_up(_line(error))
            return
        if tracker is not None:
            self._catch_up(tracker, RunDirectory(started.directory), started.images)
            while not self._take(tracker, self._events.get()):
                pass

    def _catch_up(self, tracker: Tracker, directory: RunDirectory, images: int) -> None:
        """Rows up to where the training began; those that it wrote since then come as events, too."""
        for row in rows(directory, since=tracker.next_images):
            if row.images <= images:
                self._add(tracker, row)

    def _take(self, tracker: Tracker, event: Event) -> bool:
        """Whether that was the last one."""
        if isinstance(event, Ended):
            self._flush(tracker)
            tracker.end(event.record)
            return True
        if (row := _row(event)) and row.images >= tracker.next_images:
            self._add(tracker, row)
        return False

    def _add(self, tracker: Tracker, row: Row) -> None:
        if self._pending is not None and self._pending.images == row.images:
            self._pending = self._pending.and_(row.values, row.grid)
        else:
            self._flush(tracker)
            self._pending = row

    def _flush(self, tracker: Tracker) -> None:
        if self._pending is not None:
            tracker.log(self._pending)
            self._pending = None

    def _give_up(self, why: str) -> None:
        if not Mirror._lost:
            Mirror._lost = True
            note(f"{self._opening.name} is left out from here on ({why}); {self._opening.later}")
        with contextlib.suppress(Exception):  # it reaches into what is not ours, and nothing hangs on it
            self._opening.abandon()


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _row(event: Event) -> Row | None:
    """What an event has to show."""
    if isinstance(event, Ticked):
        return Row(int(event.row["images"]), {name: value for name, value in event.row.items() if name != "images"})
    if isinstance(event, Scored):
        curves = {name: event.scores[name] for name in ALONG if name in event.scores}
        return Row(event.images, scores(event.split, curves))
    if isinstance(event, Sampled):
        return Row(event.images, grid=event.path)
    return None


def wait_until_shown(seconds: float = 15.0) -> None:
    """Waits until all has been shown, so many seconds at most: before a process ends, and never in between."""
    until = time.monotonic() + seconds
    for mirror in list(Mirror._busy):
        if mirror._thread is not None:
            mirror._thread.join(max(0.0, until - time.monotonic()))
        if mirror in Mirror._busy:
            mirror._give_up(f"not all was sent within {seconds:g} s")
