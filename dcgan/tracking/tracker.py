"""Tracker: one run in something that shows curves, such as W&B or a dashboard on this machine."""

from __future__ import annotations

from typing import Protocol

from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.tracking.rows import Row, rows


class Tracker(Protocol):
    """One run as it is shown there. Rows come in the order of their images, each once."""

    @property
    def next_images(self) -> int:
        """The images from which on rows are wanted: those before are there already."""

    def log(self, row: Row) -> None:
        """Shows a row."""

    def end(self, record: RunRecord) -> None:
        """Shows how the run stands now that nobody trains it: its status, its final scores, its failure."""


def replay(directory: RunDirectory, tracker: Tracker) -> None:
    """Shows a run that nobody trains, as its directory has it: the rows that are not there yet, and how it stands.

    Raises DcganError for a damaged record.
    """
    record = directory.record()
    if record is None:
        return
    for row in rows(directory, since=tracker.next_images, last=record.images):
        tracker.log(row)
    tracker.end(record)
