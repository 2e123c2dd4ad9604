"""A loss that compares generated with real images for G, too: which real images, judged by which D, in every kind of step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.training.players import Players
from dcgan.training.step import train_step

CPU = torch.device("cpu")
UNNORMALISED = {"generator.normalisation": "none", "discriminator.normalisation": "none"}
SGD = {f"optimizer.{player}.{key}": value for player in ("generator", "discriminator")
       for key, value in {"kind": "sgd", "lr": 0.1}.items()}  # fmt: skip


@pytest.fixture
def paired(tiny: Experiment) -> Experiment:
    return tiny.with_({**UNNORMALISED, **SGD, "objective.loss": "relativistic"})


@pytest.fixture
def batches() -> list[Tensor]:
    return list((torch.rand(3, 20, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1).unbind())


def judged(players: Players) -> list[Tensor]:
    """Whatever D is shown from now on."""
    seen: list[Tensor] = []
    of_discriminator = players.discriminator.outputs_and_features

    def look(images: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(images.detach().clone())
        return of_discriminator(images)

    players.discriminator.outputs_and_features = look  # type: ignore[method-assign]
    return seen


def gradients(experiment: Experiment, real: Tensor) -> list[Tensor]:
    """Both players', after one step's accumulation."""
    players = Players(experiment, CPU)
    players.accumulate_discriminator_gradients(real, players.generate(len(real)))
    players.accumulate_generator_gradients(real)
    both = (*players.discriminator.parameters(), *players.generator.parameters())
    return [parameter.grad for parameter in both if parameter.grad is not None]


@pytest.mark.parametrize("micro_batch", [10, 7, 1])
@pytest.mark.parametrize("pack", [1, 2])
def test_parts_pair_the_images_that_the_whole_batch_pairs(
    paired: Experiment, batches: list[Tensor], micro_batch: int, pack: int
) -> None:
    packed = paired.with_({"discriminator.pack": pack, "objective.penalty.kind": "r1_r2"})
    whole = gradients(packed, batches[0])
    parts = gradients(packed.with_({"update.micro_batch": max(micro_batch, pack)}), batches[0])
    for mine, its in zip(parts, whole, strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("changes", "passes"), [
    ({"objective.loss": "hinge"}, 1),
    ({"objective.loss": "hinge", "objective.feature_matching": 1.0}, 1),  # features alone need no last layer
    ({}, 2),
    ({"objective.feature_matching": 1.0}, 2),
])  # fmt: skip
def test_only_a_paired_loss_has_d_judge_real_images_for_g(
    paired: Experiment, batches: list[Tensor], changes: dict[str, Any], passes: int
) -> None:
    players = Players(paired.with_(changes), CPU)
    seen = judged(players)
    players.accumulate_generator_gradients(batches[0])
    assert len(seen) == passes
    assert passes == 1 or torch.equal(seen[1], batches[0])
    assert all(parameter.grad is None for parameter in players.discriminator.parameters())


def test_real_images_are_augmented_as_generated_ones_are(paired: Experiment, batches: list[Tensor]) -> None:
    """Here by noise alone: its stream gives the generated images' first, then that of the real ones."""
    players = Players(paired.with_({"augment.instance_noise": 3.0}), CPU)
    seen = judged(players)
    players.accumulate_generator_gradients(batches[0])
    chance = stream(0, "instance_noise")
    _, on_real = (torch.randn(20, 1, 16, 16, generator=chance) for _ in range(2))
    torch.testing.assert_close(seen[1], batches[0] + 3 * on_real)


@torch.no_grad()
def descend(network: torch.nn.Module, gradient: tuple[Tensor, ...]) -> None:
    for parameter, its in zip(network.parameters(), gradient, strict=True):
        parameter.sub_(0.1 * its)


@pytest.mark.parametrize(
    ("order", "d_steps", "g_steps"), [("simultaneous", 1, 1), ("d_first", 1, 1), ("d_first", 2, 2)]
)
def test_g_plays_against_the_d_of_its_step_on_the_last_batch(
    paired: Experiment, batches: list[Tensor], order: str, d_steps: int, g_steps: int
) -> None:
    """With plain gradient descent, against autograd on the losses written out here."""
    experiment = paired.with_({"update": {"order": order, "d_steps": d_steps, "g_steps": g_steps, "batch": 20}})
    players, given = Players(experiment, CPU), iter(batches)
    train_step(players, experiment.update, lambda: next(given))
    g, d, noise = build_generator(experiment), build_discriminator(experiment), stream(0, "noise")

    def made() -> Tensor:
        images: Tensor = g(torch.randn(20, 8, generator=noise))
        return images

    def of_g(real: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(softplus(d(real).detach() - d(made())).mean(), list(g.parameters()))

    def of_d(real: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(softplus(d(made().detach()) - d(real)).mean(), list(d.parameters()))

    if order == "simultaneous":
        for_d, for_g = of_d(batches[0]), of_g(batches[0])
        descend(d, for_d)
        descend(g, for_g)
    else:
        for real in batches[:d_steps]:
            descend(d, of_d(real))
        for _ in range(g_steps):
            descend(g, of_g(batches[d_steps - 1]))
    for mine, theirs in ((g, players.generator), (d, players.discriminator)):
        for expected, found in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_the_leak_is_the_gradient_of_the_paired_loss_of_d(paired: Experiment, batches: list[Tensor]) -> None:
    found = []
    for leak in (False, True):
        players = Players(paired.with_({"update.leak": leak}), CPU)
        players.accumulate_discriminator_gradients(batches[0], players.generate(20))
        players.accumulate_generator_gradients(batches[0])
        found.append([parameter.grad for parameter in players.generator.parameters()])
    g, d = build_generator(paired), build_discriminator(paired)
    fake = g(torch.randn(20, 8, generator=stream(0, "noise")))
    leak_by_hand = torch.autograd.grad(softplus(d(fake) - d(batches[0])).mean(), list(g.parameters()))
    for plain, leaking, added in zip(*found, leak_by_hand, strict=True):
        assert plain is not None
        torch.testing.assert_close(leaking, plain + added, rtol=1e-4, atol=1e-6)
