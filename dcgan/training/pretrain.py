"""The article's tip 10, in three stages, before adversarial training begins."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dcgan.data.pixels import normalise, to_uint8
from dcgan.errors import Interrupted
from dcgan.experiment import Experiment
from dcgan.streams import stream
from dcgan.training.order import DataOrder
from dcgan.training.players import Players


def pretrain(players: Players, experiment: Experiment, real: Tensor, stop: Callable[[], bool]) -> None:
    """G, as initialised, makes images; D learns to tell them from real ones; then G learns against that D.

    `real` is the training split, uint8 (n, C, H, W). All chance comes from streams of its own, so that adversarial
    training sees the same data order and noise as without. Raises Interrupted if asked to stop; being short and
    repeatable it is then simply done again.
    """
    chosen, batch = experiment.pretrain, experiment.update.batch
    noise = stream(experiment.seed, "pretrain", "noise", device=real.device)
    made = [to_uint8(players.fakes(batch, noise)) for _ in range(chosen.images // batch)]
    real_order = _order(experiment, "real", len(real), real.device)
    fake_order = _order(experiment, "fake", len(made) * batch, real.device)
    fakes = torch.cat(made)
    steps = chosen.epochs * len(made)
    for _ in range(steps):
        _heed(stop)
        images = normalise(real[real_order.next(batch)]).contiguous(memory_format=players.memory_format)
        players.judge(images, normalise(fakes[fake_order.next(batch)]))
        players.optimizer_d.step()
    for _ in range(steps):
        _heed(stop)
        players.generator_gradients(batch, noise)
        players.optimizer_g.step()
    players.meter_d.read()  # what is reported is adversarial training
    players.meter_g.read()


def _order(experiment: Experiment, of: str, count: int, device: torch.device) -> DataOrder:
    return DataOrder(count, stream(experiment.seed, "pretrain", of, device=device))


def _heed(stop: Callable[[], bool]) -> None:
    if stop():
        raise Interrupted("interrupted while pre-training; the same command starts it again")
