"""With every tip off training is the plain algorithm, and with the article's toggles that and what they say: what
later versions add is not there.

Beside the trainer stands a second build of it: networks, initial weights, losses, penalty, history, pre-training and
turns written out in plain PyTorch; and a third with R3GAN's loss and penalties. Only the names of the random streams are
shared.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn.functional import softplus

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.training.trainer import Trainer
from tests.training.beside import TOLERANCE, worst

pytestmark = pytest.mark.usefixtures("in_float64")

GAMMA = 0.7
STEPS = 5  # 100 images: past the first epoch, so that the learning rates fall
BATCH, EPOCH, DIM = 20, 50, 8
WORDS = {
    "data.name": "digits", "data.size": 16, "latent.dim": DIM, "generator.width": 8, "discriminator.width": 8,
    "update.batch": BATCH, "budget.epochs": 4, "budget.images_per_epoch": EPOCH,
}  # fmt: skip
TOGGLED = {  # of the first version's eleven toggles those that can be on together
    "generator.init": "he", "discriminator.init": "he", "objective.penalty.kind": "wgan_gp", "replay.share": 0.5,
    "replay.capacity": 100, "pretrain.images": 2 * BATCH, "schedule.kind": "step", "schedule.every_epochs": 1,
    "optimizer.generator.kind": "rmsprop", "update.order": "simultaneous", "discriminator.slope": 0.0,
}  # fmt: skip


def _numbers(pixels: Tensor) -> Tensor:
    return pixels.double() / 127.5 - 1


def _rounded(images: Tensor) -> Tensor:
    """Images as they come back from eight bits."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).double() / 127.5 - 1


class Plain:
    """Every tip off: xavier weights, LeakyReLU in D, the non-saturating loss, Adam, D first and G against the new D."""

    slope = 0.2

    def __init__(self, images: Tensor) -> None:
        self.images = _numbers(images)
        self.order = torch.randperm(len(images), generator=stream(0, "data"))
        self.noise = stream(0, "noise")
        self.steps = 0
        self.G = nn.Sequential(
            nn.ConvTranspose2d(DIM, 16, 4, 1, 0, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False),
            nn.Tanh(),
        )
        self.D = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1, bias=False),
            nn.LeakyReLU(self.slope),
            nn.Conv2d(8, 16, 4, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.LeakyReLU(self.slope),
            nn.Conv2d(16, 1, 4, 1, 0, bias=False),
            nn.Flatten(0),
        )
        # The weights that feed one output, and those that one input feeds, layer by layer.
        self.fill(self.G, "generator", {"up4": (DIM, 16 * 16), "up8": (16 * 4, 8 * 16), "up16": (8 * 4, 16)})
        self.fill(self.D, "discriminator", {"down8": (16, 8 * 4), "down4": (8 * 16, 16 * 4), "logit": (16 * 16, 1)})
        self.optimizer_d = optim.Adam(self.D.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.optimizer_g: optim.Optimizer = optim.Adam(self.G.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def fill(self, network: nn.Sequential, player: str, fans: dict[str, tuple[int, int]]) -> None:
        """Normal initial weights, each layer's from the stream of its name."""
        layers = [layer for layer in network if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
        for layer, (name, (fan_in, fan_out)) in zip(layers, fans.items(), strict=True):
            drawn = torch.randn(layer.weight.shape, generator=stream(0, "init", player, f"main.{name}"))
            layer.weight.data = self.deviation(fan_in, fan_out, last=layer is layers[-1]) * drawn

    def deviation(self, fan_in: int, fan_out: int, *, last: bool) -> float:
        return math.sqrt(2 / (fan_in + fan_out))

    def real(self) -> Tensor:
        taken = self.order[self.steps * BATCH : (self.steps + 1) * BATCH]
        self.steps += 1
        return self.images[taken]

    def fakes(self, noise: torch.Generator) -> Tensor:
        return self.G(torch.randn(BATCH, DIM, generator=noise)[:, :, None, None])

    def loss_d(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-self.D(real)).mean() + softplus(self.D(fake)).mean()

    def loss_g(self, noise: torch.Generator) -> Tensor:
        return softplus(-self.D(self.fakes(noise))).mean()

    def descend(self, optimizer: optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def step(self) -> tuple[float, float]:
        loss_d = self.loss_d(self.real(), self.fakes(self.noise).detach())
        self.descend(self.optimizer_d, loss_d)
        loss_g = self.loss_g(self.noise)
        self.descend(self.optimizer_g, loss_g)
        return loss_d.item(), loss_g.item()


class Toggled(Plain):
    """He's weights, ReLU in D, a gradient penalty, rates that halve every epoch, RMSprop for G, both players at once,
    half of D's generated images from a history, and pre-training."""

    slope = 0.0

    def __init__(self, images: Tensor) -> None:
        super().__init__(images)
        self.optimizer_g = optim.RMSprop(self.G.parameters(), lr=2e-4, alpha=0.99)
        self.points = stream(0, "pretrain", "step", "penalty")
        self.places = stream(0, "replay")
        self.history = torch.empty(0, 1, 16, 16)
        self.pretrain()
        self.points = stream(0, "penalty")

    def deviation(self, fan_in: int, fan_out: int, *, last: bool) -> float:
        return math.sqrt((1 if last else 2) / fan_in)  # no activation follows the last layer

    def pretrain(self) -> None:
        """G makes two batches, D learns them from real ones, then G learns against that D."""
        noise = stream(0, "pretrain", "noise")
        made = _rounded(torch.cat([self.fakes(noise).detach() for _ in range(2)]))
        reals = self.images[torch.randperm(len(self.images), generator=stream(0, "pretrain", "real"))]
        fakes = made[torch.randperm(len(made), generator=stream(0, "pretrain", "fake"))]
        for some in (slice(0, BATCH), slice(BATCH, 2 * BATCH)):
            loss = self.loss_d(reals[some], fakes[some])
            self.descend(self.optimizer_d, loss + 10 * self.penalty(reals[some], fakes[some]))
        for _ in range(2):
            self.descend(self.optimizer_g, self.loss_g(noise))

    def penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        """WGAN-GP's, with BatchNorm in D: the gradient of all outputs' sum."""
        share = torch.rand(BATCH, 1, 1, 1, generator=self.points)
        between = (share * real + (1 - share) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.D(between).sum(), between, create_graph=True)
        return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()

    def mixed(self, fake: Tensor) -> Tensor:
        """The batch with earlier images in its first half, which is left to the history."""
        own, chance = _rounded(fake[: BATCH // 2]), torch.rand(BATCH // 2, generator=self.places)
        drawn = self.history[(chance * len(self.history)).long()] if len(self.history) else own
        torch.rand(100, generator=self.places)  # where to put them once the history is full, which it never is here
        self.history = torch.cat([self.history, own])
        return torch.cat([drawn, fake[BATCH // 2 :]])

    def step(self) -> tuple[float, float]:
        for optimizer in (self.optimizer_d, self.optimizer_g):
            optimizer.param_groups[0]["lr"] = 2e-4 * 0.5 ** (self.steps * BATCH // EPOCH)
        real, fake = self.real(), self.mixed(self.fakes(self.noise).detach())
        loss_d = self.loss_d(real, fake)
        whole_d = loss_d + 10 * self.penalty(real, fake)
        loss_g = self.loss_g(self.noise)
        gradients_g = torch.autograd.grad(loss_g, list(self.G.parameters()))  # at D as it still is
        self.descend(self.optimizer_d, whole_d)
        for parameter, gradient in zip(self.G.parameters(), gradients_g, strict=True):
            parameter.grad = gradient
        self.optimizer_g.step()
        return loss_d.item(), loss_g.item()


class R3GAN(Plain):
    """Relativistic pairing and both zero-centred penalties, gamma / 2 each, as in R3GAN's step (Huang et al. 2024).

    For G's step D judges the batch's real images once more, after the generated ones and without a gradient to keep.
    """

    last: Tensor

    def real(self) -> Tensor:
        self.last = super().real()
        return self.last

    def step(self) -> tuple[float, float]:
        real = self.real().requires_grad_()
        fake = self.fakes(self.noise).detach().requires_grad_()
        on_real, on_fake = self.D(real), self.D(fake)
        loss_d = softplus(-(on_real - on_fake)).mean()
        penalties = [self._squared_slope(self.D(images), images) for images in (real, fake)]
        self.descend(self.optimizer_d, loss_d + sum(GAMMA / 2 * penalty for penalty in penalties))
        loss_g = self.loss_g(self.noise)
        self.descend(self.optimizer_g, loss_g)
        return loss_d.item(), loss_g.item()

    def _squared_slope(self, outputs: Tensor, images: Tensor) -> Tensor:
        (slope,) = torch.autograd.grad(outputs.sum(), images, create_graph=True)
        return slope.square().sum([1, 2, 3]).mean()

    def loss_g(self, noise: torch.Generator) -> Tensor:
        on_fake = self.D(self.fakes(noise))
        return softplus(-(on_fake - self.D(self.last.detach()))).mean()


def _distances(other: type[Plain], images: Tensor, changes: dict[str, object]) -> dict[str, float]:
    experiment = Experiment().with_({**WORDS, **SETTINGS[other], **changes})
    trainer, build = Trainer(experiment, images), other(images)
    trainer.prepare(lambda: False)
    networks = [(build.G, trainer.players.generator), (build.D, trainer.players.discriminator)]
    return worst(trainer, build.step, networks, STEPS)


SETTINGS: dict[type[Plain], dict[str, object]] = {
    Plain: {},
    Toggled: TOGGLED,
    R3GAN: {
        "objective.loss": "relativistic", "objective.penalty.kind": "r1_r2", "objective.penalty.weight": GAMMA,
    },
}  # fmt: skip


@pytest.mark.parametrize("other", SETTINGS)
def test_training_is_that_of_a_build_that_knows_no_other_settings(images: Tensor, other: type[Plain]) -> None:
    found = _distances(other, images, {})
    assert max(found.values()) < TOLERANCE, found


SLIGHTLY: list[tuple[type[Plain], str, object]] = [
    (Plain, "optimizer.generator.lr", 2.00001e-4),
    (Plain, "optimizer.discriminator.lr", 2.00001e-4),
    (Plain, "optimizer.generator.beta1", 0.500001),
    (Plain, "optimizer.discriminator.beta2", 0.999001),
    (Plain, "discriminator.slope", 0.200001),
    (Plain, "objective.smoothing", 1e-6),
    (Plain, "objective.feature_matching", 1e-6),
    (Plain, "objective.virtual_adversarial.weight", 1e-6),
    (Plain, "augment.instance_noise", 1e-6),
    (Plain, "schedule.warmup_epochs", 0.41),  # 20.5 images: the first step is a little shorter
    (Toggled, "optimizer.generator.alpha", 0.990001),
    (Toggled, "objective.penalty.weight", 10.0001),
    (Toggled, "schedule.factor", 0.500001),
    (Toggled, "replay.share", 0.55),
    (Toggled, "pretrain.epochs", 2),
    (Toggled, "update.order", "d_first"),
    (R3GAN, "objective.penalty.weight", GAMMA + 1e-5),
    (R3GAN, "objective.penalty.kind", "r1"),
    (R3GAN, "objective.loss", "non_saturating"),
]


@pytest.mark.parametrize(("other", "key", "value"), SLIGHTLY)
def test_a_slight_change_is_seen(images: Tensor, other: type[Plain], key: str, value: object) -> None:
    """The comparison can fail: the second build keeps what the trainer has otherwise."""
    found = _distances(other, images, {key: value})
    assert max(found.values()) > 10 * TOLERANCE, found
