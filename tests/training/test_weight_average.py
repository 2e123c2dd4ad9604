"""The running average of weights against its closed form."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.experiment import Experiment
from dcgan.training.trainer import Trainer
from dcgan.training.weight_average import WeightAverage


def test_an_average_is_its_closed_form() -> None:
    """w <- d w + (1 - d) w' with the ramp's d: a twentieth of the images so far, and at most the half-life."""
    network = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.BatchNorm1d(1)).double()
    weight, norm = network[0].weight, network[1]
    torch.nn.init.constant_(weight, 8.0)
    average = WeightAverage(network, half_life=30, images=10)
    values = [1.0, -2.0, 5.0]
    for value in values:
        torch.nn.init.constant_(weight, value)
        norm.running_mean.fill_(value)
        norm.num_batches_tracked.add_(1)
        average.update(network)
    first, second = 0.5 ** (10 / (0.05 * 10)), 0.5 ** (10 / (0.05 * 20))
    followed = second * (first * 1.0 + (1 - first) * -2.0) + (1 - second) * 5.0  # the first step copies
    assert average.network[0].weight.item() == pytest.approx(followed, rel=1e-12)
    assert average.network[1].running_mean.item() == pytest.approx(followed, rel=1e-12)
    assert average.network[1].num_batches_tracked.item() == 3
    assert weight.item() == 5.0
    assert not average.network[0].weight.requires_grad


def test_an_average_reaches_its_half_life() -> None:
    network = torch.nn.Linear(1, 1, bias=False).double()
    torch.nn.init.constant_(network.weight, 0.0)
    average = WeightAverage(network, half_life=30, images=10)
    for _ in range(60):  # 0.05 x 600 images are 30
        average.update(network)
    torch.nn.init.constant_(network.weight, 1.0)
    for _ in range(3):
        average.update(network)
    assert average.network.weight.item() == pytest.approx(0.5, rel=1e-12)


def test_a_running_average_is_kept_and_not_trained(tiny: Experiment, drawn_images: Tensor) -> None:
    """With d_steps the images of a step are more, and the average is the faster for it."""
    changes = {"average.half_life": 2, "update.d_steps": 2}
    followed, alone = (
        Trainer(tiny.with_(changes), drawn_images),
        Trainer(tiny.with_({"update.d_steps": 2}), drawn_images),
    )
    weights = []
    for _ in range(3):
        for trainer in (followed, alone):
            trainer.step()
        weights.append([parameter.clone() for parameter in alone.players.generator.parameters()])
    now = weights[-1]
    assert all(torch.equal(a, b) for a, b in zip(followed.players.generator.parameters(), now, strict=True))
    assert alone.players.evaluation_generator is alone.players.generator
    early, late = 0.5 ** (40 / 2), 0.5 ** (40 / 2)  # 0.05 x 40 and 0.05 x 80 images are 2 or more
    for kept, *states in zip(followed.players.evaluation_generator.parameters(), *weights, strict=True):
        expected = states[0] * early + states[1] * (1 - early)
        torch.testing.assert_close(kept, expected * late + states[2] * (1 - late))
