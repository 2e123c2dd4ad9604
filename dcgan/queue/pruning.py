"""Pruning along the training: an observer that tells Optuna the scores, and the answer to whether to go on."""

from __future__ import annotations

import math

import optuna

from dcgan.queue.retry import trouble
from dcgan.runs.directory import RunDirectory
from dcgan.training.events import Event, Scored, Started

_SPLIT = "validation"  # of the scores along the training


class Along:
    """Watches one run of a combination. `images`: how many the combination's earlier seeds have seen.

    A storage that does not answer leaves a score out; it holds up no training.
    """

    def __init__(self, trial: optuna.trial.Trial, metric: str, images: int) -> None:
        self._trial = trial
        self._metric = metric
        self._before = images
        self._told: set[int] = set()  # steps
        self._reason: str | None = None

    def __call__(self, event: Event) -> None:
        """Takes note of an event."""
        if isinstance(event, Started):
            self.catch_up(RunDirectory(event.directory))
        elif isinstance(event, Scored) and event.split == _SPLIT:
            self._report(event.images, event.scores[self._metric])

    def catch_up(self, run: RunDirectory) -> None:
        """Tells what a run's table has and Optuna has not: it was begun, or made, by somebody else."""
        for row in run.rows("scores"):
            if row["split"] == _SPLIT:
                self._report(int(row["images"]), float(row[self._metric] or math.nan))

    def reason(self) -> str | None:
        """Why the run is not worth finishing; None as long as it may be."""
        return self._reason

    def _report(self, images: int, value: float) -> None:
        step = self._before + images
        if images == 0 or step in self._told:  # before the first image nothing is learned yet
            return
        try:
            self._trial.report(value, step)
            self._told.add(step)
            if self._trial.should_prune():
                self._reason = f"{self._metric} {value:.4g} after {images:,} images: behind the other combinations"
        except Exception as error:
            if trouble(error) is None:
                raise
