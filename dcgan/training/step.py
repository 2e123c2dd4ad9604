"""One training step, on one screen: who steps when.

    order = d_first (d_steps times D, then g_steps times G)     order = simultaneous (once each)
        1. the next batch of real images                            1. the next batch of real images
        2. generate as many images, without a graph through G       2. generate as many images
        3. accumulate D's gradients on both                         3. accumulate D's gradients on both
        4. step D: optimizer, zero gradients, clip if asked         4. accumulate G's gradients: D has not moved yet
           ... 1 to 4 again, d_steps times                          5. step D
        5. accumulate G's gradients on new images, through D        6. step G
        6. step G: optimizer, zero gradients, running average
           ... 5 and 6 again, g_steps times

What is accumulated, over the parts of a batch that is too large for the memory, is in `dcgan.training.players`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dcgan.experiment.sections import Update
from dcgan.training.players import Players


def train_step(
    players: Players, update: Update, next_batch: Callable[[], Tensor], noise: torch.Generator | None = None
) -> None:
    """`d_steps` steps of D and `g_steps` of G, in the experiment's order, on batches (N, C, H, W) of real images.

    With `noise` other than the training's own, the replay buffer is left alone.
    """
    if update.order == "simultaneous":  # both gradients at the same parameters, then both steps
        real = next_batch()
        players.accumulate_discriminator_gradients(real, players.generate(len(real), noise))
        players.accumulate_generator_gradients(real, noise)
        players.step_discriminator()
        players.step_generator()
    else:
        for _ in range(update.d_steps):
            real = next_batch()
            players.accumulate_discriminator_gradients(real, players.generate(len(real), noise))
            players.step_discriminator()
        for _ in range(update.g_steps):
            players.accumulate_generator_gradients(real, noise)
            players.step_generator()
