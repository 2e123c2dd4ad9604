"""Virtual adversarial training against a search over all directions, and against what can be said in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, kl_divergence

from dcgan.experiment.sections import VirtualAdversarial
from dcgan.objectives import build_smoothness

Critic = Callable[[Tensor], Tensor]


def stream(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=stream(seed))


def chosen(**settings: float) -> VirtualAdversarial:
    return VirtualAdversarial.model_validate({"weight": 1.0, **settings})


def smoothness(settings: VirtualAdversarial, head: str, critic: Critic, batches: Tensor, seed: int = 5) -> Tensor:
    """The penalty on a batch of real and a batch of generated images, (2, N, C, H, W)."""
    real, fake = batches
    return build_smoothness(settings, head)(critic, real, fake, stream(seed))


class Watched:
    """A discriminator and what it was asked about, in order: for each batch x, the trial changes, the final one."""

    def __init__(self, critic: Critic) -> None:
        self._critic = critic
        self.asked: list[Tensor] = []

    def __call__(self, images: Tensor) -> Tensor:
        self.asked.append(images.detach().clone())
        return self._critic(images)

    def changes(self) -> tuple[Tensor, Tensor]:
        """The final change of real and of generated images, with one power iteration: flat, (N, numbers)."""
        real, _, near_real, fake, _, near_fake = self.asked
        return (near_real - real).flatten(1), (near_fake - fake).flatten(1)


def curved(numbers: int) -> Critic:
    """A small nonlinear discriminator: two layers with tanh."""
    inner, outer, bias = draw(numbers, 6, seed=1), draw(6, seed=2), draw(6, seed=3)
    return lambda images: (images.flatten(1) @ inner + bias).tanh() @ outer


def divergence(given: Tensor, found: Tensor) -> Tensor:
    """KL of Bernoulli distributions, as PyTorch's distributions have it."""
    return kl_divergence(Bernoulli(logits=given), Bernoulli(logits=found))


def directions(numbers: int) -> Tensor:
    """Points all over the unit sphere, (count, numbers)."""
    if numbers == 2:
        angle = torch.arange(3600, dtype=torch.float64) * (2 * math.pi / 3600)
        return torch.stack([angle.cos(), angle.sin()], dim=1)
    return nn.functional.normalize(draw(60_000, numbers, seed=7), dim=1)


@pytest.mark.parametrize("shape", [(1, 1, 2), (1, 1, 3), (1, 2, 2)])
@pytest.mark.parametrize("head", ["logit", "two_class", "sigmoid"])
@pytest.mark.parametrize("rounds", [1, 3])
def test_finds_the_worst_direction(shape: tuple[int, int, int], head: str, rounds: int) -> None:
    """For a small epsilon no direction on the sphere changes D's output more than the one that was found."""
    numbers, epsilon = math.prod(shape), 1e-3
    logits = curved(numbers)
    watched = Watched((lambda images: logits(images).sigmoid()) if head == "sigmoid" else logits)
    batches = draw(2, 4, *shape, seed=4)
    settings = chosen(epsilon=epsilon, xi=1e-3, power_iterations=rounds)
    value = smoothness(settings, head, watched, batches)
    assert len(watched.asked) == 2 * (2 + rounds)
    worst = []
    for images, near in zip(batches, (watched.asked[1 + rounds], watched.asked[3 + 2 * rounds]), strict=True):
        for image, moved in zip(images.flatten(1), near.flatten(1), strict=True):
            around = directions(numbers)
            lds = divergence(logits(image[None]).expand(len(around)), logits(image + epsilon * around))
            change = (moved - image) / epsilon
            assert change.norm().item() == pytest.approx(1)
            assert abs(change @ around[lds.argmax()]).item() > 0.998  # as near as the points on the sphere are
            worst.append(lds.max())
    assert value.item() == pytest.approx(torch.stack(worst).mean().item(), rel=0.01)


@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_value_of_a_linear_discriminator(head: str) -> None:
    """D(x) = w.x: r is epsilon w / |w| with either sign, whatever epsilon, and changes the logit by epsilon |w|."""
    weight = draw(12)
    watched = Watched(lambda x: (x.flatten(1) @ weight).sigmoid() if head == "sigmoid" else x.flatten(1) @ weight)
    batches = draw(2, 5, 3, 2, 2, seed=1)
    value = smoothness(chosen(), head, watched, batches)
    means = []
    for images, change in zip(batches, watched.changes(), strict=True):
        sign = (change @ weight).sign()
        torch.testing.assert_close(change, 2.0 * sign[:, None] * weight / weight.norm())
        p = (images.flatten(1) @ weight).sigmoid()
        q = (images.flatten(1) @ weight + 2.0 * sign * weight.norm()).sigmoid()
        means.append((p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()).mean())
    torch.testing.assert_close(value, (means[0] + means[1]) / 2)


def test_the_start_decides_no_more_than_the_sign() -> None:
    """One round from any start: the second-order matrix of an output of one number has rank one."""
    found = []
    for seed in range(20):
        watched = Watched(curved(4))
        smoothness(chosen(xi=1e-6), "logit", watched, draw(2, 3, 1, 2, 2, seed=4), seed=seed)
        found.append(watched.changes()[0])
    along = torch.stack([(change * found[0]).sum(1) / 4 for change in found])  # cosines, as epsilon is 2
    torch.testing.assert_close(along.abs(), torch.ones_like(along), rtol=1e-4, atol=0)
    assert along.min() < 0 < along.max()


def test_parameters_learn_through_the_final_output_only() -> None:
    """With p(x) and r held as numbers the gradient is the same; nothing goes back into what made the images."""
    weight = draw(4, seed=8).requires_grad_()
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)

    def critic(images: Tensor) -> Tensor:
        return (images.flatten(1) @ weight).tanh() * 2

    watched = Watched(critic)
    batches = draw(2, 3, 1, 2, 2, seed=9)
    value = smoothness(chosen(), "logit", watched, batches * scale)
    gradient, to_images = torch.autograd.grad(value, (weight, scale), allow_unused=True)
    constants = [
        divergence(critic(images).detach(), critic(images + change.view_as(images))).mean()
        for images, change in zip(batches, watched.changes(), strict=True)
    ]
    (expected,) = torch.autograd.grad(sum(constants) / 2, weight)
    torch.testing.assert_close(gradient, expected)
    assert gradient.norm() > 0
    assert to_images is None


@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_float32_finds_it_as_well(head: str) -> None:
    """Differences of 0.01 among thousands of pixels, as in training: the direction still comes out of rounding."""
    weight = draw(4096).float() / 20

    def critic(images: Tensor) -> Tensor:
        logits = (images.flatten(1) * weight).sum(1).tanh() * 3
        return logits.sigmoid() if head == "sigmoid" else logits

    watched = Watched(critic)
    smoothness(chosen(), head, watched, draw(2, 8, 1, 64, 64, seed=1).float() / 10)
    of_real, of_fake = watched.changes()
    for change in (of_real, of_fake):
        assert len(change) == 8
        cosine = (change @ weight) / change.norm(dim=1) / weight.norm()
        assert change.norm(dim=1).sub(2).abs().max() < 1e-3
        assert cosine.abs().min() > 0.999


def test_autocast_changes_nothing() -> None:
    """The caller's bf16 would round away what is compared; D's own gradients under autocast stay whole."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(1, 8, 4, 2), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 7))
    real, fake = draw(2, 6, 1, 16, 16, seed=1).float()
    term = build_smoothness(chosen(), "logit")

    def critic(images: Tensor) -> Tensor:
        return network(images).flatten()

    def gradients(value: Tensor) -> list[Tensor]:
        return list(torch.autograd.grad(value, list(network.parameters())))

    plain = term(critic, real, fake, stream())
    with torch.autocast("cpu", torch.bfloat16):
        loss = critic(real).float().mean()
        reduced = term(critic, real, fake, stream())
        assert critic(real).dtype == torch.bfloat16  # autocast is on again
    assert reduced.dtype == torch.float32
    assert torch.equal(reduced, plain)
    for both, one, other in zip(
        gradients(loss + reduced), gradients(plain), gradients(critic(real).mean()), strict=True
    ):
        torch.testing.assert_close(both, one + other, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_flat_discriminators_give_no_nan(head: str) -> None:
    """Where D does not change there is no direction: the random one stays, at its full length."""
    weight = torch.zeros(4, requires_grad=True)
    watched = Watched(lambda x: (x.flatten(1) @ weight).sigmoid() if head == "sigmoid" else x.flatten(1) @ weight)
    value = smoothness(chosen(), head, watched, draw(2, 3, 1, 2, 2).float())
    (gradient,) = torch.autograd.grad(value, weight)
    assert value.item() == 0
    assert torch.equal(gradient, torch.zeros(4))
    of_real, of_fake = watched.changes()
    for change in (of_real, of_fake):
        torch.testing.assert_close(change.norm(dim=1), torch.full((3,), 2.0))


@pytest.mark.parametrize("sure", [-1000.0, -60.0, 60.0, 1000.0])
@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_certain_discriminators_give_no_nan(sure: float, head: str) -> None:
    weight = torch.full((4,), 3.0, requires_grad=True)

    def critic(images: Tensor) -> Tensor:
        logits = images.flatten(1) @ weight + sure
        return logits.sigmoid() if head == "sigmoid" else logits

    watched = Watched(critic)
    value = smoothness(chosen(), head, watched, draw(2, 3, 1, 2, 2).float())
    (gradient,) = torch.autograd.grad(value, weight)
    assert torch.isfinite(value)
    assert torch.isfinite(gradient).all()
    if head == "logit" and abs(sure) == 60:  # a probability of 1e-26, whose direction is still found
        of_real, of_fake = watched.changes()
        for change in (of_real, of_fake):
            torch.testing.assert_close(change.abs(), torch.ones(3, 4), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("sure", [-20.0, 20.0])
def test_a_sure_output_keeps_its_digits(sure: float) -> None:
    """In float32 a probability of 1 - 2e-9 is 1, and a KL with 1 - p = 0 would be wrong even in its sign."""
    weight = torch.full((4,), 0.5)
    watched = Watched(lambda images: images.flatten(1) @ weight + sure)
    value = smoothness(chosen(), "logit", watched, torch.zeros(2, 3, 1, 2, 2))
    given = torch.tensor(sure, dtype=torch.float64)
    moved = torch.stack([change.double() @ weight.double() for change in watched.changes()])
    small, shift = (-given.abs()).exp(), moved * given.sign()  # KL to first order in the small probability
    torch.testing.assert_close(value.double(), (small * ((-shift).exp() - 1 + shift)).mean(), rtol=1e-3, atol=0)


def test_chance_comes_from_the_stream_alone() -> None:
    batches = draw(2, 3, 1, 2, 2)
    term, critic = build_smoothness(chosen(), "logit"), curved(4)
    before = torch.random.get_rng_state()
    first = term(critic, batches[0], batches[1], stream(1))
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(1)
    assert torch.equal(term(critic, batches[0], batches[1], stream(1)), first)
    assert not torch.equal(term(critic, batches[0], batches[1], stream(2)), first)
