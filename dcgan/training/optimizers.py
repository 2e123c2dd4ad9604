"""Optimizers and learning-rate schedules, from their descriptions."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from dcgan.sections import PlayerOptimizer, Schedule


def build_optimizer(chosen: PlayerOptimizer, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimizer that is described, over those parameters."""
    parameters = list(parameters)
    if chosen.kind == "sgd":
        return torch.optim.SGD(parameters, lr=chosen.lr, momentum=chosen.momentum)
    if chosen.kind == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=chosen.lr, alpha=chosen.alpha, momentum=chosen.momentum)
    kind = torch.optim.Adam if chosen.kind == "adam" else torch.optim.AdamW
    return kind(parameters, lr=chosen.lr, betas=(chosen.beta1, chosen.beta2))


def rate_multiplier(schedule: Schedule, epoch: int) -> float:
    """What the learning rates are multiplied by in that epoch (counted from 0): 1, or factor^(epoch // every)."""
    if schedule.kind == "constant":
        return 1.0
    return float(schedule.factor ** (epoch // schedule.every_epochs))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Sets the learning rate of all of the optimizer's parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate
