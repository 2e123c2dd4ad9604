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


def _gradients(experiment: Experiment, real: Tensor) -> tuple[list[Tensor], list[Tensor], dict[str, float]]:
    players = Players(experiment, CPU)
    players.accumulate_discriminator_gradients(real, players.generate(len(real)))
    players.accumulate_generator_gradients(real)
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


def test_wasserstein_clips_d_where_no_penalty_bounds_it(tiny: Experiment, drawn_images: Tensor) -> None:
    def widest(**changes: Any) -> float:
        named = {key.replace("__", "."): value for key, value in changes.items()}
        trainer = Trainer(tiny.with_({"objective.loss": "wasserstein", "objective.clip": 0.03, **named}), drawn_images)
        trainer.step()
        return max(parameter.abs().max().item() for parameter in trainer.players.discriminator.parameters())

    assert widest() == pytest.approx(0.03)
    assert widest(objective__penalty__kind="wgan_gp") > 0.1
    assert widest(objective__loss="hinge") > 0.1


def test_without_the_leak_d_leaves_no_gradient_in_g(tiny: Experiment, real: Tensor) -> None:
    def left(leak: bool) -> list[Tensor | None]:
        players = Players(tiny.with_({"update.leak": leak}), CPU)
        players.accumulate_discriminator_gradients(real, players.generate(len(real)))
        return [parameter.grad for parameter in players.generator.parameters()]

    assert all(gradient is None for gradient in left(False))
    assert all(gradient is not None and gradient.any() for gradient in left(True))


def test_the_leak_is_the_gradient_of_ds_loss(tiny: Experiment, real: Tensor) -> None:
    """G's gradient with the leak is that without it plus d loss_d / d G, worked out here by autograd."""
    from torch.nn.functional import softplus

    from dcgan.common.rng import stream
    from dcgan.networks import build_discriminator, build_generator

    usual, leaking = (_gradients(tiny.with_({"update.leak": leak}), real)[1] for leak in (False, True))
    generator, discriminator = build_generator(tiny), build_discriminator(tiny)
    fake = generator(torch.randn(20, 8, generator=stream(0, "noise")))
    loss_d = softplus(-discriminator(real)).mean() + softplus(discriminator(fake)).mean()
    leak = torch.autograd.grad(loss_d, list(generator.parameters()))
    for mine, plain, added in zip(leaking, usual, leak, strict=True):
        torch.testing.assert_close(mine, plain + added, rtol=1e-4, atol=1e-6)


def test_feature_matching_sees_the_real_images(tiny: Experiment, real: Tensor) -> None:
    matched = tiny.with_({"objective.feature_matching": 1.0})
    players = Players(matched, CPU)
    losses = []
    for images in (real, -real):
        noise = torch.Generator().manual_seed(1)
        players.accumulate_generator_gradients(images, noise)
        losses.append(players.read()["loss_g"])
    assert losses[0] != losses[1]


def test_the_listings_scale_divides_the_whole_loss(tiny: Experiment, real: Tensor) -> None:
    """Penalty and feature matching too: with plain gradient descent it is a learning rate m times smaller."""
    terms = {"objective.penalty.kind": "wgan_gp", "objective.feature_matching": 1.0}
    mean, listing = (_gradients(tiny.with_({**terms, "objective.scale": scale}), real) for scale in ("mean", "listing"))
    for mine, its in zip([*listing[0], *listing[1]], [*mean[0], *mean[1]], strict=True):
        torch.testing.assert_close(20 * mine, its, rtol=1e-3, atol=1e-5)
    assert 20 * listing[2]["loss_d"] == pytest.approx(mean[2]["loss_d"])
    assert 20 * listing[2]["loss_g"] == pytest.approx(mean[2]["loss_g"])


def test_features_are_matched_on_what_d_sees(tiny: Experiment, real: Tensor) -> None:
    players = Players(tiny.with_({"objective.feature_matching": 1.0, "augment.instance_noise": 3.0}), CPU)
    seen: list[Tensor] = []
    features = players.discriminator.features
    players.discriminator.features = lambda images: seen.append(images) or features(images)  # type: ignore[method-assign, func-returns-value]
    players.accumulate_generator_gradients(real)
    (wanted,) = seen
    assert (wanted - real).std() > 2


@pytest.mark.parametrize("pack", [1, 2])
def test_a_penalty_at_the_image_sees_what_is_done_to_it(tiny: Experiment, real: Tensor, pack: int) -> None:
    """Where every pixel is halved on its way to D, the gradient at the image is half of that at what D sees.

    r1 is its square, so a quarter; the change here stands in for an augmentation, whose chance would hide that.
    """
    changes = {"objective.penalty.kind": "r1", "augment.instance_noise": 1e-9, "discriminator.pack": pack}
    changes |= {"generator.normalisation": "none", "discriminator.normalisation": "none"}
    penalties = {}
    for at in ("augmented", "image"):
        players = Players(tiny.with_({**changes, "objective.penalty.at": at}), CPU)
        for its_input in filter(None, (players._input, players._penalty_input)):
            its_input._changes = [lambda images, _: images / 2]
        players.accumulate_discriminator_gradients(real, players.generate(len(real)))
        penalties[at] = players.read()["penalty"]
    assert penalties["image"] == pytest.approx(penalties["augmented"] / 4, rel=1e-4)


def test_a_penalty_at_the_image_moves_no_stream_but_its_own(tiny: Experiment, drawn_images: Tensor) -> None:
    """And takes its changes of images from it."""
    changes = {"objective.penalty.kind": "r1", "augment.translation": True, "discriminator.normalisation": "layer"}
    states = {}
    for at in ("augmented", "image"):
        trainer = Trainer(tiny.with_({**changes, "objective.penalty.at": at}), drawn_images)
        trainer.step()
        states[at] = trainer.state_dict()["players"]["streams"]
    moved = {name for name in states["image"] if not torch.equal(states["image"][name], states["augmented"][name])}
    assert moved == {"penalty"}
