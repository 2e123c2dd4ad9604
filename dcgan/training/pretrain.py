"""The article's tip 10, in three stages, before adversarial training begins."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dcgan.common.errors import Interrupted
from dcgan.common.rng import stream
from dcgan.data.pixels import normalise, to_uint8
from dcgan.experiment import Experiment
from dcgan.training.data_order import DataOrder
from dcgan.training.players import Players
from dcgan.training.step import train_step


class _Batches:
    """Batches of stored images, uint8 (n, C, H, W), in an order of their own."""

    def __init__(self, players: Players, experiment: Experiment, images: Tensor, purpose: str) -> None:
        self._players = players
        self._images = images
        self._batch = experiment.update.batch
        generator = stream(experiment.seed, "pretrain", purpose, device=images.device)
        self._order = DataOrder(len(images), generator)

    def next(self) -> Tensor:
        """The next batch, (N, C, H, W) in [-1, 1]."""
        images = normalise(self._images[self._order.next(self._batch)])
        return images.contiguous(memory_format=self._players.memory_format)


def pretrain(players: Players, experiment: Experiment, real: Tensor, stop: Callable[[], bool]) -> None:
    """G makes images; D learns to tell them from real ones; then G learns against that D.

    `real` is the training split, uint8 (n, C, H, W). G makes them as initialised, or after `warmup_images` of
    adversarial training. All random numbers come from streams of its own, so that adversarial training sees
    the same data order, noise and other random numbers as without. Raises Interrupted if asked to stop; as it is short
    and repeatable, the next start does it again.
    """
    with players.separate_streams("pretrain"):
        _stages(players, experiment, real, stop)
    players.read()  # what is reported is adversarial training


def _stages(players: Players, experiment: Experiment, real: Tensor, stop: Callable[[], bool]) -> None:
    chosen, batch = experiment.pretrain, experiment.update.batch
    _warm_up(players, experiment, real, stop)
    noise = stream(experiment.seed, "pretrain", "noise", device=real.device)
    generated = torch.cat([to_uint8(players.generate(batch, noise)) for _ in range(chosen.images // batch)])
    reals, fakes = (
        _Batches(players, experiment, images, purpose) for purpose, images in (("real", real), ("fake", generated))
    )
    steps = chosen.epochs * (chosen.images // batch)
    for _ in range(steps):
        _check_stop(stop)
        players.accumulate_discriminator_gradients(reals.next(), fakes.next())
        players.step_discriminator()
    for _ in range(steps):
        _check_stop(stop)
        players.accumulate_generator_gradients(reals.next(), noise)
        players.step_generator()


def _warm_up(players: Players, experiment: Experiment, real: Tensor, stop: Callable[[], bool]) -> None:
    """Training steps of both players on as many real images as `warmup_images` says."""
    noise = stream(experiment.seed, "pretrain", "warmup noise", device=real.device)
    reals = _Batches(players, experiment, real, "warmup")
    for _ in range(experiment.pretrain.warmup_images // experiment.images_per_step):
        _check_stop(stop)
        train_step(players, experiment.update, reals.next, noise)


def _check_stop(stop: Callable[[], bool]) -> None:
    if stop():
        raise Interrupted("interrupted while pre-training; the same command starts it again")
