"""The trainer: every tip acts where it should and nowhere else; interrupted and resumed is uninterrupted."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.common.errors import Misuse
from dcgan.common.hashing import digest
from dcgan.experiment import Experiment
from dcgan.tips import apply
from dcgan.training.trainer import Trainer
from tests.training.after_steps import after_steps


def test_the_same_seed_gives_the_same_bits_and_another_does_not(tiny: Experiment, images: Tensor) -> None:
    digests = [digest(after_steps(each, images, 5).state_dict()) for each in (tiny, tiny, tiny.with_({"seed": 1}))]
    assert digests[0] == digests[1] != digests[2]


def test_d_first_answers_the_new_discriminator(tiny: Experiment, images: Tensor) -> None:
    """Both orders take the same first D step; only G's gradient tells them apart."""
    first, both = (after_steps(apply(tiny, {"d_first": level}), images, 1) for level in ("on", "off"))
    assert all(
        torch.equal(mine, theirs)
        for mine, theirs in zip(
            first.players.discriminator.parameters(), both.players.discriminator.parameters(), strict=True
        )
    )
    rows = first.read(), both.read()
    assert rows[0]["loss_d"] == rows[1]["loss_d"]
    assert rows[0]["loss_g"] != rows[1]["loss_g"]


def test_simultaneous_is_gradient_descent_on_both_losses_at_once(tiny: Experiment, images: Tensor) -> None:
    """With plain SGD, one step against autograd on the two losses written out here."""
    from torch.nn.functional import logsigmoid

    from dcgan.common.rng import stream
    from dcgan.networks import build_discriminator, build_generator

    sgd = {f"optimizer.{player}.{key}": value for player in ("generator", "discriminator")
           for key, value in {"kind": "sgd", "lr": 0.1}.items()}  # fmt: skip
    experiment = tiny.with_({**sgd, "update.order": "simultaneous"})
    trainer = after_steps(experiment, images, 1)
    generator, discriminator = build_generator(experiment), build_discriminator(experiment)
    noise = stream(0, "noise")
    order = torch.randperm(len(images), generator=stream(0, "data"))[:20]
    real = images[order].float() / 127.5 - 1
    with torch.no_grad():
        fake = generator(torch.randn(20, 8, generator=noise))
    loss_d = -logsigmoid(discriminator(real)).mean() - logsigmoid(-discriminator(fake)).mean()
    gradients_d = torch.autograd.grad(loss_d, list(discriminator.parameters()))
    loss_g = -logsigmoid(discriminator(generator(torch.randn(20, 8, generator=noise)))).mean()
    gradients_g = torch.autograd.grad(loss_g, list(generator.parameters()))
    for network, trained, gradients in (
        (discriminator, trainer.players.discriminator, gradients_d),
        (generator, trainer.players.generator, gradients_g),
    ):
        for old, new, gradient in zip(network.parameters(), trained.parameters(), gradients, strict=True):
            torch.testing.assert_close(new, old - 0.1 * gradient, rtol=1e-5, atol=1e-6)


def test_epochs_and_the_rate_follow_the_images(tiny: Experiment, images: Tensor) -> None:
    experiment = tiny.with_({"schedule.kind": "step", "schedule.every_epochs": 1, "schedule.factor": 0.1})
    trainer = Trainer(experiment, images)
    rates = []
    while not trainer.done:
        trainer.step()
        rates.append(trainer.players.rates()[0] / 2e-4)
    assert trainer.seen == 200
    expected = [1] * 3 + [0.1] * 2 + [0.01] * 3 + [0.001] * 2  # 50 images an epoch in batches of 20
    assert rates == pytest.approx(expected)


def test_d_steps_see_images_of_their_own(tiny: Experiment, images: Tensor) -> None:
    trainer = after_steps(tiny.with_({"update.d_steps": 3}), images, 2)
    assert (trainer.steps, trainer.seen) == (2, 120)


def test_trouble_is_named(tiny: Experiment, images: Tensor) -> None:
    trainer = after_steps(tiny, images, 1)
    row = trainer.read()
    assert trainer.divergence(row) is None
    assert trainer.divergence({**row, "loss_d": float("nan")}) == "loss_d is nan after 20 images (step 1)"
    with torch.no_grad():
        trainer.players.discriminator.main.logit.weight[0, 0, 0, 0] = float("inf")
    assert "the discriminator's main.logit.weight is not finite" in str(trainer.divergence(row))


def test_a_batch_larger_than_the_data_is_refused(tiny: Experiment, images: Tensor) -> None:
    with pytest.raises(
        Misuse, match="update.batch=150 is larger than the training split of data.name=digits, 100 images"
    ):
        Trainer(tiny.with_({"update.batch": 150}), images[:100])


def test_bf16_trains_close_to_fp32(tiny: Experiment, images: Tensor) -> None:
    rows = [after_steps(tiny.with_({"compute.precision": kind}), images, 3).read() for kind in ("fp32", "bf16")]
    assert rows[0]["loss_d"] != rows[1]["loss_d"]
    assert rows[0]["loss_d"] == pytest.approx(rows[1]["loss_d"], rel=0.05)
