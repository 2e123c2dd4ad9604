"""The loop around the step: ticks, scores, checkpoints, and an ear for whoever wants to stop or prune."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from dcgan.common.errors import DcganError, Interrupted
from dcgan.experiment import Experiment
from dcgan.records.run_record import Status
from dcgan.training.events import Observer, Ticked
from dcgan.training.trainer import Trainer

Prune = Callable[[], str | None]  # why a run is not worth finishing; None: go on


class Outcome(DcganError):
    """Training came to an end before its budget: no accident, but what became of the run."""

    status: ClassVar[Status]  # in run.json


class Diverged(Outcome):
    """A loss, statistic or weight is no longer a finite number."""

    status = "diverged"


class Pruned(Outcome):
    """Somebody who watches holds that the run is not worth finishing."""

    status = "pruned"


def train(
    experiment: Experiment,
    trainer: Trainer,
    *,
    observe: Observer,
    score: Callable[[], None],
    keep: Callable[[], None],
    stop: Callable[[], bool],
    prune: Prune = lambda: None,
) -> None:
    """Trains to the end of the budget, from wherever the trainer stands.

    `score` is called after every `score.every_epochs` epochs, `keep` must make a checkpoint; what a step makes due
    is done before a checkpoint may be made, so that nothing is lost or done twice on resuming. Raises Diverged,
    Interrupted (after a checkpoint) when `stop` says so, and Pruned when `prune` gives a reason.
    """
    tick = experiment.tracking.tick_images
    period = experiment.score.every_epochs * experiment.budget.images_per_epoch
    kept = time.monotonic()
    while not trainer.done:
        if stop():
            keep()
            raise Interrupted(f"interrupted after {trainer.seen:,} images; the same command goes on from there")
        if reason := prune():
            raise Pruned(reason)
        before = trainer.seen
        trainer.step()
        if trainer.seen // tick > before // tick or trainer.done:
            _tick(trainer, observe)
        if period and trainer.seen // period > before // period and not trainer.done:
            score()
        if time.monotonic() - kept > experiment.tracking.checkpoint_seconds:
            keep()
            kept = time.monotonic()


def _tick(trainer: Trainer, observe: Observer) -> None:
    row = trainer.read()
    observe(Ticked(row))
    trouble = trainer.trouble(row)
    if trouble:
        raise Diverged(trouble)
