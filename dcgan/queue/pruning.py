"""Pruning during the training: an observer that reports the scores to Optuna and asks whether the run is to go on."""

from __future__ import annotations

import math

import optuna

from dcgan.queue.retry import unreachable_reason
from dcgan.runs.directory import RunDirectory
from dcgan.training.events import Event, Scored, Started

_SPLIT = "validation"  # of the scores during the training


class PruningObserver:
    """Reports the scores of one run of a combination to Optuna's pruner.

    `images`: how many the combination's earlier seeds have seen. A score that the storage cannot take is left out, so
    that an unreachable storage does not hold up the training.
    """

    def __init__(self, trial: optuna.trial.Trial, metric: str, images: int) -> None:
        self._trial = trial
        self._metric = metric
        self._before = images
        self._reported: set[int] = set()  # steps
        self._reason: str | None = None

    def __call__(self, event: Event) -> None:
        """Reports the score of an event, if it has one."""
        if isinstance(event, Started):
            self.catch_up(RunDirectory(event.directory))
        elif isinstance(event, Scored) and event.split == _SPLIT:
            self._report(event.images, event.scores[self._metric])

    def catch_up(self, run: RunDirectory) -> None:
        """Reports the scores of a run's table that Optuna does not have: another worker began or finished the run."""
        for row in run.rows("scores"):
            if row["split"] == _SPLIT:
                self._report(int(row["images"]), float(row[self._metric] or math.nan))

    def reason(self) -> str | None:
        """Why the run is to be pruned; None while it is not."""
        return self._reason

    def _report(self, images: int, value: float) -> None:
        step = self._before + images
        if images == 0 or step in self._reported:  # before the first image nothing is learned yet
            return
        try:
            self._trial.report(value, step)
            self._reported.add(step)
            if self._trial.should_prune():
                self._reason = f"{self._metric} {value:.4g} after {images:,} images: behind the other combinations"
        except Exception as error:
            if unreachable_reason(error) is None:
                raise
