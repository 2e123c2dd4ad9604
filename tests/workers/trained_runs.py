"""How often each run is trained."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.study.plan import Trial
from dcgan.training.events import Event, Observer, Started


class TrainedRuns:
    """Observers that count how often each run is trained."""

    def __init__(self) -> None:
        self.trained: list[str] = []

    def __call__(self, _trial: Trial) -> Sequence[Observer]:
        return [self._see]

    def _see(self, event: Event) -> None:
        if isinstance(event, Started):
            self.trained.append(event.experiment.id)
