"""Losses and penalties against their papers' formulas and against gradients known in closed form."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.objectives import LOSSES, PENALTIES


def test_non_saturating_is_the_articles_formula() -> None:
    real, fake = torch.randn(2, 50, dtype=torch.float64)
    loss = LOSSES["non_saturating"]
    by_hand_d = -(real.sigmoid().log() + (1 - fake.sigmoid()).log()).mean()
    by_hand_g = -fake.sigmoid().log().mean()
    torch.testing.assert_close(loss.discriminator(real, fake), by_hand_d)
    torch.testing.assert_close(loss.generator(fake), by_hand_g)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_losses_stay_finite_for_certain_discriminators(name: str) -> None:
    sure = torch.tensor([-1000.0, 1000.0], requires_grad=True)
    for value in (LOSSES[name].discriminator(sure, -sure), LOSSES[name].generator(sure)):
        (gradient,) = torch.autograd.grad(value, sure, retain_graph=True)
        assert torch.isfinite(value)
        assert torch.isfinite(gradient).all()


def test_wgan_gp_of_a_linear_discriminator() -> None:
    """D(x) = w.x has gradient w everywhere: the penalty is (|w| - 1)^2 whatever the images."""
    weight = torch.randn(12, dtype=torch.float64)
    real, fake = torch.randn(2, 6, 3, 2, 2, dtype=torch.float64)
    value = PENALTIES["wgan_gp"](lambda x: x.flatten(1) @ weight, real, fake, torch.Generator().manual_seed(0))
    torch.testing.assert_close(value, (weight.norm() - 1) ** 2)


def test_wgan_gp_of_a_quadratic_discriminator() -> None:
    """D(x) = |x|^2 / 2 has gradient x: the penalty sees the interpolates themselves, one share per image pair."""
    real, fake = torch.randn(2, 6, 3, 2, 2, dtype=torch.float64)

    def quadratic(images: Tensor) -> Tensor:
        return images.square().flatten(1).sum(1) / 2

    value = PENALTIES["wgan_gp"](quadratic, real, fake, torch.Generator().manual_seed(3))
    share = torch.rand(6, 1, 1, 1, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    between = share * real + (1 - share) * fake
    torch.testing.assert_close(value, (between.flatten(1).norm(dim=1) - 1).square().mean())
    assert share.unique().numel() == 6


def test_wgan_gp_can_be_learned_from() -> None:
    weight = torch.full((4,), 2.0, requires_grad=True)
    images = torch.zeros(3, 1, 2, 2)
    value = PENALTIES["wgan_gp"](lambda x: x.flatten(1) @ weight, images, images, torch.Generator())
    (gradient,) = torch.autograd.grad(value, weight)
    torch.testing.assert_close(gradient, 2 * (4 - 1) * weight.detach() / 4)
