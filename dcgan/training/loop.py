"""The loop around the step: ticks, scores, checkpoints, and requests to stop or prune.

What happens in which order, from where the trainer stands until the budget of images is used up:

    1. asked to stop?      write a checkpoint, raise Interrupted: the same command goes on from there
    2. a reason to prune?  raise Pruned
    3. train one step      `Trainer.step`, which is `dcgan.training.step.train_step` on the next images
    4. a tick is over?     a row of metrics.csv to the observer; raise Diverged if anything is not finite
    5. an evaluation due?  score the generator, every `score_period` images
    6. a checkpoint due?   write one, every `tracking.checkpoint_seconds` seconds

Before this loop the caller has restored a checkpoint, or else pre-trained (`Trainer.prepare`) and scored the generator
as initialised; after it come the final scores, the samples and the generator's weights: see `dcgan.runs.run`.
"""

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


class EndedEarly(DcganError):
    """Training came to an end before its budget: not an accident, but how the run ended."""

    status: ClassVar[Status]  # in run.json


class Diverged(EndedEarly):
    """A loss, statistic or weight is no longer a finite number."""

    status = "diverged"


class Pruned(EndedEarly):
    """An observer found that the run is not worth finishing."""

    status = "pruned"


def train(
    experiment: Experiment,
    trainer: Trainer,
    *,
    observe: Observer,
    score: Callable[[], None],
    checkpoint: Callable[[], None],
    stop: Callable[[], bool],
    prune: Prune = lambda: None,
) -> None:
    """Trains to the end of the budget, from wherever the trainer stands.

    `score` is called after every `score_period` images, `checkpoint` must write one; what a step makes due is
    done before a checkpoint may be written, so that nothing is lost or done twice on resuming. Raises Diverged,
    Interrupted (after a checkpoint) when `stop` says so, and Pruned when `prune` gives a reason.
    """
    tick = experiment.tracking.tick_images
    period = experiment.score_period
    last_checkpoint = time.monotonic()
    while not trainer.done:
        if stop():
            checkpoint()
            raise Interrupted(f"interrupted after {trainer.seen:,} images; the same command goes on from there")
        if reason := prune():
            raise Pruned(reason)
        before = trainer.seen
        trainer.step()
        if trainer.seen // tick > before // tick or trainer.done:
            _tick(trainer, observe)
        if period and trainer.seen // period > before // period and not trainer.done:
            score()
        if time.monotonic() - last_checkpoint > experiment.tracking.checkpoint_seconds:
            checkpoint()
            last_checkpoint = time.monotonic()


def _tick(trainer: Trainer, observe: Observer) -> None:
    row = trainer.read()
    observe(Ticked(row))
    if reason := trainer.divergence(row):
        raise Diverged(reason)
