"""Claim: a trial that a worker has. TrialSource: where workers get their trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dcgan.queue.study_curves import Curves
from dcgan.queue.study_extractor import Extractors
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.training.events import Observer


@dataclass(frozen=True)
class Claim:
    """A trial that this process has, until it settles it, dies, or `lost` says that others found the trial stale."""

    number: int
    trial: Trial
    key: int  # Optuna's own
    lost: Callable[[], bool] = lambda: False
    observers: Sequence[Observer] = ()  # the source's own observers of the run
    prune: Callable[[], str | None] = lambda: None  # asked during the training; see `run_trial`


class TrialSource(Protocol):
    """Gives out the trials of a study, each to one worker."""

    @property
    def plan(self) -> Plan:
        """The plan as it is known now: that of a search grows."""

    @property
    def extractors(self) -> Extractors:
        """The study's extractors."""

    @property
    def curves(self) -> Curves:
        """The curves of its runs, for machines that do not share the folder."""

    def fill(self) -> int:
        """Enters the trials that are to be done; returns how many wait."""

    def claim(self) -> AbstractContextManager[Claim | None]:
        """The next trial, held for the block; None when nothing waits."""

    def others_busy(self) -> bool:
        """Whether another worker has a trial that this one would have to take over if that worker died."""

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Ends a claimed trial with its outcome."""

    def release(self, claim: Claim) -> None:
        """Puts a claimed trial back."""

    def close(self) -> None:
        """Leaves the queue; the process may go on."""

    def collect(self) -> None:
        """Writes the records of runs that workers elsewhere finished into this machine's folder."""

    def publish_scores(self, trials: Sequence[Trial]) -> None:
        """Sends the new scores of these finished trials to machines that do not share this folder."""

    def running_elsewhere(self) -> list[Running]:
        """The trials that are being trained by workers that do not share this folder."""

    def check_data(self, fingerprints: dict[str, str]) -> None:
        """Raises Misuse for a version or data other than the study was planned with."""

    def record_data(self, fingerprints: dict[str, str]) -> None:
        """Records which version and data the study is planned with; raises Misuse for others than it began with."""

    def give_time(self, seconds: float | None, workers: int) -> None:
        """No worker begins a trial any more that would end later than so many seconds from now; None: no end is set.

        `workers`: how many there are, for the estimate.
        """
