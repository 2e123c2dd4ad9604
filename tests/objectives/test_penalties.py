"""Gradient penalties of discriminators whose gradients are known in closed form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from dcgan.experiment.sections import GRADIENT_PENALTIES
from dcgan.objectives import PENALTIES


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def stream(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


REAL, FAKE = draw(2, 6, 3, 2, 2)


def linear(weight: Tensor) -> Callable[[Tensor], Tensor]:
    """D(x) = w.x, with gradient w everywhere."""
    return lambda images: images.flatten(1) @ weight


def quadratic(images: Tensor) -> Tensor:
    """D(x) = |x|^2 / 2, with gradient x: a penalty sees the points themselves."""
    return images.square().flatten(1).sum(1) / 2


EXPECTED = {  # of the gradients' lengths
    "wgan_gp": lambda norms: (norms - 1).square().mean(),
    "dragan": lambda norms: (norms - 1).square().mean(),
    "r1": lambda norms: norms.square().mean() / 2,
    "r2": lambda norms: norms.square().mean() / 2,
    "r1_r2": lambda norms: norms.square().mean(),  # half of it at the real images, half at as many generated ones
}


def points(kind: str) -> Tensor:
    """Where each penalty looks, with its random numbers drawn again from the same stream."""
    if kind == "wgan_gp":
        share = torch.rand(6, 1, 1, 1, generator=stream(), dtype=torch.float64)
        assert share.unique().numel() == 6
        return share * REAL + (1 - share) * FAKE
    if kind == "dragan":
        spread = (REAL - REAL.mean()).square().mean().sqrt()
        return REAL + 0.5 * spread * torch.randn(REAL.shape, generator=stream(), dtype=torch.float64)
    return {"r1": REAL, "r2": FAKE, "r1_r2": torch.cat([REAL, FAKE])}[kind]


def test_every_penalty_is_expected_here() -> None:
    assert EXPECTED.keys() == PENALTIES.keys() == GRADIENT_PENALTIES.keys()


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_of_a_linear_discriminator(kind: str) -> None:
    weight = draw(12)
    value = PENALTIES[kind](linear(weight), REAL, FAKE, stream())
    torch.testing.assert_close(value, EXPECTED[kind](weight.norm()))


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_of_a_quadratic_discriminator(kind: str) -> None:
    value = PENALTIES[kind](quadratic, REAL, FAKE, stream())
    torch.testing.assert_close(value, EXPECTED[kind](points(kind).flatten(1).norm(dim=1)))


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_can_be_learned_from(kind: str) -> None:
    """Of D(x) = w.x the penalty is a function of |w| alone, here 4, and so is its gradient."""
    weight = torch.full((4,), 2.0, requires_grad=True)
    images = torch.zeros(3, 1, 2, 2)
    value = PENALTIES[kind](linear(weight), images, images, stream())
    (gradient,) = torch.autograd.grad(value, weight)
    (by_hand,) = torch.autograd.grad(EXPECTED[kind](weight.norm()), weight)
    assert by_hand.any()
    torch.testing.assert_close(gradient, by_hand)


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_flat_discriminators_give_no_nan(kind: str) -> None:
    weight = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    value = PENALTIES[kind](linear(weight), REAL, FAKE, stream())
    (gradient,) = torch.autograd.grad(value, weight)
    assert value == EXPECTED[kind](torch.zeros(1))
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_nothing_goes_back_into_the_images(kind: str) -> None:
    made = [images.clone().requires_grad_() for images in (REAL, FAKE)]
    weight = draw(12).requires_grad_()
    value = PENALTIES[kind](lambda x: quadratic(x) + linear(weight)(x), made[0] * 1, made[1] * 1, stream())
    assert torch.autograd.grad(value, [*made, weight], allow_unused=True)[:2] == (None, None)


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_uses_no_chance_but_its_own(kind: str) -> None:
    before = torch.random.get_rng_state()
    first = PENALTIES[kind](quadratic, REAL, FAKE, stream())
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not REAL.requires_grad
    torch.rand(1)
    own = stream()
    assert torch.equal(PENALTIES[kind](quadratic, REAL, FAKE, own), first)
    assert GRADIENT_PENALTIES[kind].draws == (not torch.equal(own.get_state(), stream().get_state()))


@pytest.mark.parametrize("kind", sorted(PENALTIES))
def test_bf16_is_near_float32(kind: str) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        critic = nn.Sequential(nn.Conv2d(3, 8, 2), nn.LeakyReLU(0.2), nn.Flatten(0), nn.Unflatten(0, (6, 8)))
    real, fake = REAL.float(), FAKE.float()

    def judge() -> Tensor:
        return PENALTIES[kind](lambda images: critic(images).sum(1), real, fake, stream())

    with torch.autocast("cpu", torch.bfloat16):
        reduced = judge()
    assert reduced.dtype == torch.float32
    torch.testing.assert_close(reduced, judge(), rtol=0.05, atol=0.01)
