"""Trainer: the players, the data and how far the training is. One call of `step`, one training step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.data.pixels import normalise
from dcgan.experiment import Experiment
from dcgan.training.data_order import DataOrder
from dcgan.training.players import Players
from dcgan.training.pretrain import pretrain
from dcgan.training.step import train_step

_COLUMNS = ("loss_d", "loss_g", "penalty", "smoothness", "d_real", "d_fake", "grad_d", "grad_g")


class Trainer:
    """Trains the players of `experiment` on `images`, the training split, uint8 (n, C, H, W), on its device."""

    def __init__(self, experiment: Experiment, images: Tensor) -> None:
        check_batch(experiment, len(images))
        self._experiment = experiment
        self._images = images
        self.players = Players(experiment, images.device)
        self._order = DataOrder(len(images), stream(experiment.seed, "data", device=images.device))
        self.steps = 0
        self.seen = 0  # real images in adversarial training

    @property
    def done(self) -> bool:
        """Whether the budget of images is used up."""
        return self.seen >= self._experiment.budget.images

    def prepare(self, stop: Callable[[], bool]) -> None:
        """What comes before the first step: pre-training, if the experiment asks for it."""
        if self._experiment.pretrain.images:
            pretrain(self.players, self._experiment, self._images, stop)

    def step(self) -> None:
        """`d_steps` updates of D and `g_steps` of G, in the experiment's order."""
        self.players.set_progress(self.seen)
        train_step(self.players, self._experiment.update, self._next_batch)
        self.steps += 1

    def _next_batch(self) -> Tensor:
        batch = self._experiment.update.batch
        self.seen += batch
        images = normalise(self._images[self._order.next(batch)])
        return images.contiguous(memory_format=self.players.memory_format)

    def read(self) -> dict[str, float]:
        """A row of metrics.csv: means since the last reading, and where the training stands."""
        row: dict[str, float] = {"step": self.steps, "images": self.seen}
        row["epoch"] = self.seen / self._experiment.budget.images_per_epoch
        means = self.players.read()
        row |= {name: means[name] for name in _COLUMNS}
        row["lr_d"], row["lr_g"] = self.players.rates()
        return row

    @torch.no_grad()
    def divergence(self, row: dict[str, float]) -> str | None:
        """What is no longer finite, if anything: a mean of `row` or a weight. Waits for the device."""
        for name, value in row.items():
            if not math.isfinite(value):
                return f"{name} is {value} after {self.seen:,} images (step {self.steps:,})"
        weights = {
            f"the {player}'s {name}": tensor
            for player in ("generator", "discriminator")
            for name, tensor in getattr(self.players, player).state_dict().items()
        }
        finite = torch.stack([torch.isfinite(tensor).all() for tensor in weights.values()]).tolist()
        not_finite = [name for name, is_finite in zip(weights, finite, strict=True) if not is_finite]
        return f"{not_finite[0]} is not finite after {self.seen:,} images (step {self.steps:,})" if not_finite else None

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on bit for bit."""
        return {
            "device": self._images.device.type,
            "steps": self.steps,
            "seen": self.seen,
            "players": self.players.state_dict(),
            "order": self._order.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken. Raises DcganError on another kind of device, whose chance differs."""
        if state["device"] != self._images.device.type:
            raise DcganError(
                f"this run was begun on {state['device']} and cannot go on bit for bit on {self._images.device.type}: "
                f"use compute.device={state['device']}, or delete its folder to start over"
            )
        self.steps, self.seen = state["steps"], state["seen"]
        self.players.load_state_dict(state["players"])
        self._order.load_state_dict(state["order"])


def check_batch(experiment: Experiment, count: int) -> None:
    """Refuses (Misuse) a batch larger than the `count` images of the training split."""
    if experiment.update.batch > count:
        raise Misuse(
            f"update.batch={experiment.update.batch} is larger than the training split of data.name="
            f"{experiment.data.name}, {count} images: lower update.batch"
        )
