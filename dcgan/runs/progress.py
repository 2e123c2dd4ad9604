"""The progress bar: a mirror of a run on stderr. Where stderr is no terminal, a line at start, scores and
end."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from dcgan.common.messages import escaped
from dcgan.records.run_record import RunRecord
from dcgan.training.events import Ended, Event, Scored, Started, Ticked


class ProgressBar:
    """Shows images a second, losses, time left and the last scores of one run."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(file=sys.stderr)
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._began = (0.0, 0.0)  # clock, images
        self._score = ""

    def __call__(self, event: Event) -> None:
        """Takes an event of the training."""
        if isinstance(event, Started):
            self._start(event)
        elif isinstance(event, Ticked):
            self._tick(event.row)
        elif isinstance(event, Scored):
            self._score = ", ".join(f"{name} {value:.4g}" for name, value in event.scores.items())
            self._line(f"{event.images:,} images, {event.split}: {self._score}")
        elif isinstance(event, Ended):
            self._end(event.record)

    def _start(self, event: Started) -> None:
        self._began = time.monotonic(), event.images
        how = f"goes on after {event.images:,}" if event.images else "starts"
        self._line(f"run {event.directory} {how}, {event.total_images:,} images in all")
        if not self._console.is_terminal:
            return
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[how]}", style="dim"),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task(
            event.experiment.name, total=event.total_images, completed=event.images, how=""
        )
        self._progress.start()

    def _tick(self, row: Mapping[str, float]) -> None:
        if self._progress is None:
            return
        clock, images = self._began
        rate = (row["images"] - images) / max(time.monotonic() - clock, 1e-9)
        losses = f"D {row['loss_d']:.3f}  G {row['loss_g']:.3f}"
        how = f"{rate:,.0f} images/s  {losses}  {self._score.partition(',')[0]}"
        self._progress.update(self._task, completed=row["images"], how=how)

    def _end(self, record: RunRecord) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        status = "stopped, can go on" if record.status == "running" else record.status
        why = f" ({record.failure})" if record.failure else ""
        self._line(f"run {record.id}: {status}{why}")

    def _line(self, text: str) -> None:
        self._console.print(escaped(text), highlight=False, markup=False, soft_wrap=True)
