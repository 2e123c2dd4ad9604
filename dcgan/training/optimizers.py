"""Optimizers and learning-rate schedules, from their descriptions."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn

from dcgan.experiment.sections import Budget, PlayerOptimizer, Schedule


def build_optimizer(chosen: PlayerOptimizer, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimizer that is described, over those parameters."""
    parameters = list(parameters)
    if chosen.kind == "sgd":
        return torch.optim.SGD(parameters, lr=chosen.lr, momentum=chosen.momentum)
    if chosen.kind == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=chosen.lr, alpha=chosen.alpha, momentum=chosen.momentum)
    betas = chosen.beta1, chosen.beta2
    if chosen.kind == "adamw":
        return torch.optim.AdamW(parameters, lr=chosen.lr, betas=betas, weight_decay=chosen.weight_decay)
    return torch.optim.Adam(parameters, lr=chosen.lr, betas=betas)


def rate_multiplier(schedule: Schedule, budget: Budget, seen: int, step: int) -> float:
    """What the learning rates are multiplied by at the step that begins after `seen` images and takes `step` more.

    With e the epochs so far and t their share of the budget: 1; factor^floor(e / every); factor^(e / every); 1 - t;
    (1 + cos(pi t)) / 2 (Loshchilov and Hutter 2017, equation 5). During warm-up times the share of it that this step
    completes (Goyal et al. 2017, section 2.2), so that the first step has an effect.
    """
    epochs = seen / budget.images_per_epoch
    share = min(seen / budget.images, 1.0)
    multiplier = {
        "constant": lambda: 1.0,
        "step": lambda: float(schedule.factor ** (min(int(epochs), budget.epochs - 1) // schedule.every_epochs)),
        "exponential": lambda: float(schedule.factor ** (epochs / schedule.every_epochs)),
        "linear": lambda: 1 - share,
        "cosine": lambda: (1 + math.cos(math.pi * share)) / 2,
    }[schedule.kind]()
    warmup = schedule.warmup_epochs * budget.images_per_epoch
    return multiplier * min(1.0, (seen + step) / warmup) if warmup else multiplier


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Sets the learning rate of all of the optimizer's parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate
