"""Schedules and optimizers against their closed forms."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.experiment import Experiment
from dcgan.experiment.sections import Budget, PlayerOptimizer, Schedule
from dcgan.training.optimizers import build_optimizer, rate_multiplier
from dcgan.training.trainer import Trainer


def _rates(schedule: Schedule, seen: list[int]) -> list[float]:
    """Over 8 epochs of 100 images in batches of 50."""
    return [rate_multiplier(schedule, Budget(epochs=8, images_per_epoch=100), at, 50) for at in seen]


def test_schedules_are_their_closed_forms() -> None:
    epochs = [100 * epoch for epoch in range(8)]
    assert _rates(Schedule(kind="constant"), epochs) == [1] * 8
    step = Schedule(kind="step", every_epochs=3, factor=0.5)
    assert _rates(step, epochs) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert _rates(step, [299, 300, 850]) == [1, 0.5, 0.25]  # within an epoch nothing changes; the last one lasts
    smooth = Schedule(kind="exponential", every_epochs=2, factor=0.25)
    assert _rates(smooth, [0, 50, 100, 200, 400]) == pytest.approx([1, 0.25**0.25, 0.5, 0.25, 0.0625])
    assert _rates(Schedule(kind="linear"), [0, 200, 600, 750, 850]) == pytest.approx([1, 0.75, 0.25, 0.0625, 0])
    cosine = _rates(Schedule(kind="cosine"), [0, 200, 400, 600, 800])
    assert cosine == pytest.approx([1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0])


@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "linear", "cosine"])
def test_warm_up_rises_to_the_schedule(kind: str) -> None:
    plain = Schedule.model_validate({"kind": kind, "every_epochs": 3})
    warm = plain.model_copy(update={"warmup_epochs": 1.5})
    seen = [0, 50, 100, 150, 300]
    shares = [rate / usual for rate, usual in zip(_rates(warm, seen), _rates(plain, seen), strict=True)]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1, 1, 1])


@pytest.mark.parametrize(
    ("kind", "update"),
    [("sgd", 0.1 * 0.25), ("rmsprop", 0.1 / 0.01**0.5), ("adam", 0.1), ("adamw", 0.1)],
)
def test_optimizers_take_their_first_step(kind: str, update: float) -> None:
    """One step from 0 on gradient 0.25: lr g; lr g / sqrt((1 - alpha) g^2); lr for Adam, whose ratio is one."""
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    weight.grad = torch.full_like(weight, 0.25)
    chosen = PlayerOptimizer.model_validate({"kind": kind, "lr": 0.1})
    build_optimizer(chosen, [weight]).step()
    assert weight.item() == pytest.approx(-update, rel=1e-6)


def test_adamw_shrinks_weights_by_its_decay() -> None:
    """Loshchilov and Hutter 2019, algorithm 2: w <- w - lr decay w beside Adam's step; no gradient, no step."""
    weight = torch.nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
    weight.grad = torch.zeros_like(weight)
    build_optimizer(PlayerOptimizer(kind="adamw", lr=0.1, weight_decay=0.2), [weight]).step()
    assert weight.item() == pytest.approx(3 * (1 - 0.1 * 0.2), rel=1e-12)


def test_momentum_is_the_optimizers_own() -> None:
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = build_optimizer(PlayerOptimizer(kind="sgd", lr=0.1, momentum=0.5), [weight])
    for _ in range(2):
        weight.grad = torch.ones_like(weight)
        optimizer.step()
    assert weight.item() == pytest.approx(-0.1 * (1 + 1.5), rel=1e-12)


@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "linear", "cosine"])
def test_each_optimizer_has_its_own_rate(tiny: Experiment, drawn_images: Tensor, kind: str) -> None:
    """TTUR: the same multiplier on two rates."""
    rates = {"optimizer.generator.lr": 1e-3, "optimizer.discriminator.lr": 4e-3}
    schedule = {"schedule.kind": kind, "schedule.every_epochs": 1}
    trainer = Trainer(tiny.with_({**rates, **schedule}), drawn_images)
    seen = []
    for _ in range(8):
        trainer.step()
        for_d, for_g = trainer.players.rates()
        assert for_d == pytest.approx(4 * for_g)
        assert (trainer.read()["lr_d"], trainer.read()["lr_g"]) == (for_d, for_g)
        seen.append(for_g / 1e-3)
    assert seen[0] == 1
    assert (seen[-1] < 1) == (kind != "constant")


def test_warm_up_counts_the_images_of_all_d_steps(tiny: Experiment, drawn_images: Tensor) -> None:
    changes = {"schedule.warmup_epochs": 1.6, "update.batch": 10, "update.d_steps": 2}  # 80 images, 20 a step
    trainer = Trainer(tiny.with_(changes), drawn_images)
    rates = []
    for _ in range(5):
        trainer.step()
        rates.append(trainer.players.rates()[0] / 2e-4)
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1, 1])
