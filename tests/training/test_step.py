"""More than one step of G for D's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.training.trainer import Trainer

SGD = {f"optimizer.{player}.{key}": value for player in ("generator", "discriminator")
       for key, value in {"kind": "sgd", "lr": 0.1}.items()}  # fmt: skip


@torch.no_grad()
def _descend(network: torch.nn.Module, loss: Tensor) -> None:
    parameters = list(network.parameters())
    with torch.enable_grad():
        gradients = torch.autograd.grad(loss, parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.sub_(0.1 * gradient)


def test_each_step_answers_the_one_before_on_noise_of_its_own(tiny: Experiment, images: Tensor) -> None:
    """With plain SGD, one step of D and three of G against autograd on the losses written out here."""
    experiment = tiny.with_({**SGD, "update.g_steps": 3})
    trainer = Trainer(experiment, images)
    trainer.step()
    generator, discriminator = build_generator(experiment), build_discriminator(experiment)
    noise = stream(0, "noise")
    order = torch.randperm(len(images), generator=stream(0, "data"))[:20]
    real = images[order].float() / 127.5 - 1
    fake = generator(torch.randn(20, 8, generator=noise)).detach()
    _descend(discriminator, -logsigmoid(discriminator(real)).mean() - logsigmoid(-discriminator(fake)).mean())
    losses = []
    for _ in range(3):
        loss = -logsigmoid(discriminator(generator(torch.randn(20, 8, generator=noise)))).mean()
        losses.append(loss.item())
        _descend(generator, loss)
    for mine, theirs in ((generator, trainer.players.generator), (discriminator, trainer.players.discriminator)):
        for expected, found in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert trainer.read()["loss_g"] == pytest.approx(sum(losses) / 3, rel=1e-5)


def test_only_ds_steps_take_real_images(tiny: Experiment, images: Tensor) -> None:
    trainer = Trainer(tiny.with_({"update.g_steps": 3, "update.d_steps": 2}), images)
    trainer.step()
    trainer.step()
    assert (trainer.steps, trainer.seen) == (2, 80)


def test_one_step_is_no_part_of_the_id(tiny: Experiment) -> None:
    assert tiny.with_({"update.g_steps": 1}).id == tiny.id != tiny.with_({"update.g_steps": 2}).id
