"""One turn of the two players: who steps when."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dcgan.experiment.sections import Update
from dcgan.training.players import Players


def take_turn(
    players: Players, update: Update, next_batch: Callable[[], Tensor], noise: torch.Generator | None = None
) -> None:
    """`d_steps` steps of D and `g_steps` of G, in the experiment's order, on batches (N, C, H, W) of real images.

    With `noise` other than the training's own, the history of generated images is left alone.
    """
    if update.order == "simultaneous":  # both gradients at the same parameters, then both steps
        real = next_batch()
        players.discriminator_gradients(real, noise)
        players.generator_gradients(real, noise)
        players.step_discriminator()
        players.step_generator()
    else:
        for _ in range(update.d_steps):
            real = next_batch()
            players.discriminator_gradients(real, noise)
            players.step_discriminator()
        for _ in range(update.g_steps):
            players.generator_gradients(real, noise)
            players.step_generator()
