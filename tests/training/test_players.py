"""What a step does with its parts: accumulation, clipping, averages, lazy penalties, the leak, pre-training's warm-up."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dcgan.experiment import Experiment
from dcgan.training.players import Players
from dcgan.training.trainer import Trainer

CPU = torch.device("cpu")


@pytest.fixture
def real() -> Tensor:
    return torch.rand(20, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture
def digits() -> Tensor:
    return torch.randint(0, 256, (100, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def _gradients(experiment: Experiment, real: Tensor) -> tuple[list[Tensor], list[Tensor], dict[str, float]]:
    players = Players(experiment, CPU)
    players.discriminator_gradients(real)
    players.generator_gradients(real)
    gradients = [
        [parameter.grad.clone() for parameter in network.parameters() if parameter.grad is not None]
        for network in (players.discriminator, players.generator)
    ]
    return gradients[0], gradients[1], players.read()


@pytest.mark.parametrize("micro_batch", [20, 10, 7, 1])
def test_a_batch_in_parts_has_the_gradients_of_the_whole(tiny: Experiment, real: Tensor, micro_batch: int) -> None:
    """Without statistics over the batch the parts' gradients add up to the whole's, and so do the readings."""
    plain = {"generator.normalisation": "none", "discriminator.normalisation": "none"}
    rest = {"objective.penalty.kind": "r1", "objective.virtual_adversarial.weight": 0.0, "objective.scale": "listing"}
    whole = _gradients(tiny.with_({**plain, **rest}), real)
    parts = _gradients(tiny.with_({**plain, **rest, "update.micro_batch": micro_batch}), real)
    for mine, its in zip([*parts[0], *parts[1]], [*whole[0], *whole[1]], strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-4, atol=1e-6)
    assert parts[2] == pytest.approx(whole[2], rel=1e-4)


def test_parts_are_as_equal_as_packs_allow(tiny: Experiment) -> None:
    parts = tiny.with_({"update.micro_batch": 8, "discriminator.pack": 2, "discriminator.normalisation": "none"}).parts
    assert parts == [8, 6, 6]
    assert tiny.with_({"update.micro_batch": 19}).parts == [10, 10]
    assert tiny.parts == [20]


def test_wasserstein_clips_d_where_no_penalty_bounds_it(tiny: Experiment, digits: Tensor) -> None:
    def widest(**changes: Any) -> float:
        named = {key.replace("__", "."): value for key, value in changes.items()}
        trainer = Trainer(tiny.with_({"objective.loss": "wasserstein", "objective.clip": 0.03, **named}), digits)
        trainer.step()
        return max(parameter.abs().max().item() for parameter in trainer.players.discriminator.parameters())

    assert widest() == pytest.approx(0.03)
    assert widest(objective__penalty__kind="wgan_gp") > 0.1
    assert widest(objective__loss="hinge") > 0.1


def test_a_running_average_is_kept_and_not_trained(tiny: Experiment, digits: Tensor) -> None:
    followed, alone = Trainer(tiny.with_({"average.half_life": 20}), digits), Trainer(tiny, digits)
    start = [parameter.clone() for parameter in alone.players.generator.parameters()]
    for trainer in (followed, alone):
        trainer.step()
    now = [*alone.players.generator.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(followed.players.generator.parameters(), now, strict=True))
    assert alone.players.kept is alone.players.generator
    for kept, before, after in zip(followed.players.kept.parameters(), start, now, strict=True):
        torch.testing.assert_close(kept, (before + after) / 2)  # a half-life of one batch


def test_a_lazy_penalty_comes_at_its_interval_with_its_weight(tiny: Experiment, digits: Tensor) -> None:
    lazy = tiny.with_({"objective.penalty.kind": "r1", "objective.penalty.weight": 1.0, "objective.penalty.every": 2})
    heavy = lazy.with_({"objective.penalty.every": 1, "objective.penalty.weight": 2.0})
    trainers = [Trainer(each, digits) for each in (lazy, heavy)]
    for trainer in trainers:
        trainer.step()
    rows = [trainer.read() for trainer in trainers]
    assert rows[0]["grad_d"] == rows[1]["grad_d"]
    assert rows[0]["penalty"] == rows[1]["penalty"] > 0
    for trainer in trainers:
        trainer.step()
    rows = [trainer.read() for trainer in trainers]
    assert rows[0]["penalty"] == 0 < rows[1]["penalty"]


def test_without_the_leak_d_leaves_no_gradient_in_g(tiny: Experiment, real: Tensor) -> None:
    def left(leak: bool) -> list[Tensor | None]:
        players = Players(tiny.with_({"update.leak": leak}), CPU)
        players.discriminator_gradients(real)
        return [parameter.grad for parameter in players.generator.parameters()]

    assert all(gradient is None for gradient in left(False))
    assert all(gradient is not None and gradient.any() for gradient in left(True))


def test_the_leak_is_the_gradient_of_ds_loss(tiny: Experiment, real: Tensor) -> None:
    """G's gradient with the leak is that without it plus d loss_d / d G, worked out here by autograd."""
    from torch.nn.functional import softplus

    from dcgan.networks import build_discriminator, build_generator
    from dcgan.streams import stream

    usual, leaking = (_gradients(tiny.with_({"update.leak": leak}), real)[1] for leak in (False, True))
    generator, discriminator = build_generator(tiny), build_discriminator(tiny)
    fake = generator(torch.randn(20, 8, generator=stream(0, "noise")))
    loss_d = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
    leak = torch.autograd.grad(loss_d, list(generator.parameters()))
    for mine, plain, added in zip(leaking, usual, leak, strict=True):
        torch.testing.assert_close(mine, plain + added, rtol=1e-4, atol=1e-6)


def test_a_warmed_up_generator_makes_other_images_for_pretraining(tiny: Experiment, digits: Tensor) -> None:
    losses = []
    for warmup in (0, 20, 40):
        trainer = Trainer(tiny.with_({"pretrain.images": 20, "pretrain.warmup_images": warmup}), digits)
        calls: list[str] = []
        trainer.players.optimizer_g.register_step_post_hook(lambda *_, calls=calls: calls.append("g"))
        trainer.players.optimizer_d.register_step_post_hook(lambda *_, calls=calls: calls.append("d"))
        trainer.prepare(lambda: False)
        assert calls == ["d", "g"] * (warmup // 20) + ["d"] + ["g"]
        trainer.step()
        losses.append(trainer.read()["loss_d"])
    assert len(set(losses)) == 3


def test_feature_matching_sees_the_real_images(tiny: Experiment, real: Tensor) -> None:
    matched = tiny.with_({"objective.feature_matching": 1.0})
    players = Players(matched, CPU)
    losses = []
    for images in (real, -real):
        noise = torch.Generator().manual_seed(1)
        players.generator_gradients(images, noise)
        losses.append(players.read()["loss_g"])
    assert losses[0] != losses[1]
