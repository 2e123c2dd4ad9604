"""The job that a launcher is given, and the interface of a launcher."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dcgan.common.errors import Interrupted

if TYPE_CHECKING:  # a launcher's task on another machine imports this file without the plan's libraries
    from dcgan.queue.claim import TrialSource
    from dcgan.study.plan import Plan


@dataclass(frozen=True)
class Job:
    """A study whose queue is filled and whose data and extractor are prepared."""

    plan: Plan
    queue: TrialSource
    workers: int
    storage: str | None  # the storage's URL; None: the journal in the study's folder
    stop: Callable[[], bool]

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables for its workers: the storage's URL, which no command line may show."""
        from dcgan.queue.storage import VARIABLE

        return {VARIABLE: self.storage} if self.storage else {}


class Detached(Interrupted):
    """The launcher ended and its workers go on; the message says how to attach to them again."""


class Launcher(ABC):
    """Where workers run. Each kind is a frozen dataclass whose fields are the options that a user may give it."""

    @abstractmethod
    def usual_workers(self, plan: Plan, waiting: int) -> int:
        """How many workers to start where the user does not say, with `waiting` trials in the queue; 1 or more."""

    @abstractmethod
    def launch(self, job: Job) -> list[str]:
        """Runs the workers until no trial is left; returns a line for each that did not end well.

        Raises Interrupted after `job.stop`, once the running trials are requeued.
        """

    def script(self, plan: Plan, workers: int) -> str | None:
        """The batch script that `launch` would submit; None for a launcher that submits none."""
        del plan, workers
        return None
