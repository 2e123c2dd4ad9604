"""`article-listing` is the article's listing: the trainer beside a literal transcription of its networks and its loop.

The transcription shares no code with the networks, the losses or the training. It gets the trainer's initial weights,
the images in the trainer's order and the trainer's noise, all in float64: `beside` says why.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn, optim

from dcgan import data
from dcgan.common.overrides import flatten
from dcgan.common.rng import stream
from dcgan.experiment import Experiment, load
from dcgan.training.trainer import Trainer
from tests.training.beside import TOLERANCE, worst

pytestmark = pytest.mark.usefixtures("in_float64")

STEPS = 20
SMALL = {  # the listing's five layers at 64 x 64, four channels where it has 64
    "data.name": "digits",
    "generator.width": 4,
    "discriminator.width": 4,
    "update.batch": 8,
}
# What the lack of one makes over the steps: of `epsilon` 6e-8, of the others 0.1 and more.
CHOICES = {"objective.scale": "mean", "update.leak": False, "discriminator.head": "logit", "objective.epsilon": 0.0}


@pytest.fixture(scope="module")
def images() -> Tensor:
    return data.load(Experiment().with_({"data.name": "digits", "data.size": 64}).data).images["train"]


class Listing:
    """The listing's networks and the body of its loop, with its names; images and noise come from outside."""

    def __init__(self, nz: int, ngf: int, ndf: int, nc: int) -> None:
        self.nz = nz
        self.netG = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )
        self.netD = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 4),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False),
            nn.Sigmoid(),
        )
        self.optimizerG = optim.RMSprop(self.netG.parameters(), lr=2e-4)
        self.optimizerD = optim.Adam(self.netD.parameters(), lr=2e-4)

    def D(self, images: Tensor) -> Tensor:
        return self.netD(images).view(-1, 1).squeeze(1)

    def iteration(self, images: Tensor, z: Tensor, noise: Tensor) -> tuple[float, float]:
        """One pass of the loop on uint8 images and the two draws of noise (N, nz): (loss_d, loss_g)."""
        batchSize, nz, epsilon = images.shape[0], self.nz, 1e-8
        self.optimizerG.zero_grad()
        self.optimizerD.zero_grad()

        images = (images / 255 - 0.5) / 0.5  # ToTensor, Normalize
        z = z.reshape(batchSize, nz, 1, 1).requires_grad_()
        fakeImages = self.netG(z)

        realOutput = self.D(images)
        fakeOutput = self.D(fakeImages)
        loss_d = (
            -(torch.mean(torch.log(realOutput + epsilon)) + torch.mean(torch.log(1 - fakeOutput + epsilon))) / batchSize
        )
        loss_d.backward()
        self.optimizerD.step()

        noise = noise.reshape(batchSize, nz, 1, 1).requires_grad_()
        fakeImage = self.netG(noise)
        output = self.D(fakeImage)
        loss_g = -torch.mean(torch.log(output + epsilon)) / batchSize
        loss_g.backward()
        self.optimizerG.step()
        return loss_d.item(), loss_g.item()


def _listing(trainer: Trainer) -> Listing:
    """The transcription with the trainer's initial weights, copied by position."""
    made = Listing(nz=100, ngf=4, ndf=4, nc=1)
    for mine, theirs in _networks(made, trainer):
        for to, of in zip(mine.parameters(), theirs.parameters(), strict=True):
            assert to.shape == of.shape
            assert to.dtype == of.dtype == torch.float64
            to.data.copy_(of.data)
    return made


def _networks(listing: Listing, trainer: Trainer) -> list[tuple[nn.Module, nn.Module]]:
    return [(listing.netG, trainer.players.generator), (listing.netD, trainer.players.discriminator)]


def _worst(experiment: Experiment, images: Tensor) -> dict[str, float]:
    trainer = Trainer(experiment, images)
    listing = _listing(trainer)
    batches = iter(torch.randperm(len(images), generator=stream(0, "data")).split(8))
    chance = stream(0, "noise")

    def step() -> tuple[float, float]:
        z, noise = (torch.randn(8, 100, generator=chance) for _ in range(2))
        return listing.iteration(images[next(batches)], z, noise)

    return worst(trainer, step, _networks(listing, trainer), STEPS)


def test_the_trainer_is_the_listing_step_by_step(images: Tensor) -> None:
    found = _worst(load("article-listing", SMALL), images)
    assert max(found.values()) < TOLERANCE, found


@pytest.mark.slow
@pytest.mark.parametrize("key", CHOICES)
def test_without_any_one_of_its_choices_it_is_not(images: Tensor, key: str) -> None:
    """The comparison can fail: the transcription keeps the choice that the trainer is without."""
    found = _worst(load("article-listing", {**SMALL, key: CHOICES[key]}), images)
    assert found["loss"] > 10 * TOLERANCE, found
    assert found["weight"] > 10 * TOLERANCE, found


def test_it_differs_from_article_in_what_it_says_and_no_more() -> None:
    ours, theirs = (flatten(load(name).model_dump(exclude={"name"})) for name in ("article-listing", "article"))
    assert {key for key in ours if ours[key] != theirs[key]} == {
        "objective.scale",
        "update.leak",
        "discriminator.head",
        "generator.init",
        "discriminator.init",
        "optimizer.discriminator.beta1",
    }
