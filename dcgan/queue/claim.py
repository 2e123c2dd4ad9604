"""Claim: a trial that a worker has. Source: where workers get them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dcgan.queue.study_extractor import Extractors
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Running
from dcgan.training.events import Observer


@dataclass(frozen=True)
class Claim:
    """A trial that this process has, until it settles it, dies, or `lost` says that others took it for dead."""

    number: int
    trial: Trial
    key: int  # Optuna's own
    lost: Callable[[], bool] = lambda: False
    observers: Sequence[Observer] = ()  # who watches on behalf of the source
    prune: Callable[[], str | None] = lambda: None  # asked along the training; see `run_trial`


class Source(Protocol):
    """What hands out the trials of a study, each to one worker."""

    @property
    def plan(self) -> Plan:
        """The plan as far as it is known now."""

    @property
    def extractors(self) -> Extractors:
        """The study's extractors."""

    def fill(self) -> int:
        """Enters what is to be done; returns how many trials wait."""

    def claim(self) -> AbstractContextManager[Claim | None]:
        """The next trial, held for the block; None when nothing waits."""

    def others_busy(self) -> bool:
        """Whether another worker is at a trial that this one would have to take over if that worker died."""

    def settle(self, claim: Claim, record: RunRecord) -> None:
        """Enters how a claimed trial ended."""

    def release(self, claim: Claim) -> None:
        """Puts a claimed trial back."""

    def close(self) -> None:
        """Leaves; the process may go on."""

    def collect(self) -> None:
        """Writes down here what workers elsewhere finished."""

    def tell_rescored(self, trials: Sequence[Trial]) -> None:
        """Lets machines that do not share this folder know of the new scores of these finished trials."""

    def elsewhere(self) -> list[Running]:
        """The trials that workers are at which do not share this folder."""

    def check_data(self, fingerprints: dict[str, str]) -> None:
        """Raises Misuse for a version or data other than the study was planned with."""

    def state_data(self, fingerprints: dict[str, str]) -> None:
        """Says which version and data the study is planned with."""

    def limit(self, until: float | None, workers: int) -> None:
        """Lets so many workers begin no trial that would end after `until` (by time.time())."""
