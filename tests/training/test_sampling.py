"""Samples and walks: each image from its own noise, and training is left as it was."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dcgan.common.hashing import digest
from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Latent
from dcgan.training.latent import draw_noise
from dcgan.training.sampling import batches, sample, walk
from tests.training.after_steps import after_steps


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_walks_pass_through_their_ends_at_the_usual_length(distribution: str) -> None:
    latent = Latent.model_validate({"dim": 200, "distribution": distribution})
    path = walk(latent, 20, 8, stream(0, "walk"))
    ends = draw_noise(latent, 4, stream(0, "walk"))
    assert path.shape == (20, 200)
    torch.testing.assert_close(path[[0, 8, 16]], ends[:3], rtol=1e-4, atol=1e-5)
    if distribution == "normal":
        lengths = path.norm(dim=1)
        assert lengths.min() > 0.9 * ends.norm(dim=1).min()


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_walks_stay_where_the_noise_is(distribution: str) -> None:
    """Also where two draws lie in one line, as all do in one dimension."""
    latent = Latent.model_validate({"dim": 1, "distribution": distribution, "truncation": 1.0})
    path, ends = walk(latent, 400, 8, stream(0, "walk")), draw_noise(latent, 51, stream(0, "walk"))
    assert path.isfinite().all()
    assert path.abs().max() <= ends.abs().max()
    wide = Latent.model_validate({"dim": 50, "distribution": distribution, "truncation": 1.0})
    if distribution != "normal":
        assert walk(wide, 400, 8, stream(0, "walk")).abs().max() <= 1


def test_sampling_leaves_training_as_it_was(tiny: Experiment, images: Tensor) -> None:
    watched, alone = after_steps(tiny, images, 2), after_steps(tiny, images, 2)
    taken = sample(watched.players.generator, tiny.latent, 30, torch.Generator().manual_seed(0))
    assert taken.shape == (30, 1, 16, 16)
    assert taken.dtype == torch.uint8
    for trainer in (watched, alone):
        trainer.step()
    assert watched.players.generator.training
    assert digest(watched.state_dict()) == digest(alone.state_dict())


def test_samples_do_not_depend_on_their_company(tiny: Experiment, images: Tensor) -> None:
    """Evaluation mode: an image depends on its own noise only."""
    from dcgan.training.sampling import render

    generator = after_steps(tiny, images, 2).players.generator
    noise = torch.randn(300, 8, generator=torch.Generator().manual_seed(0))
    together, alone = render(generator, noise), render(generator, noise[:3])
    assert (together[:3].int() - alone.int()).abs().max() <= 1


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
@pytest.mark.parametrize("dim", [7, 16, 100])
@pytest.mark.parametrize("count", [1, 15, 255, 256, 257, 258, 300, 512, 513])
def test_noise_drawn_batch_by_batch_is_noise_drawn_at_once(distribution: str, dim: int, count: int) -> None:
    """Normal noise is made in groups of 16 numbers: only a last batch of fewer (of small dims) may end otherwise."""
    latent = Latent.model_validate({"dim": dim, "distribution": distribution})

    class Echo(nn.Module):
        """Hands the noise on: what the generator was given."""

        def __init__(self) -> None:
            super().__init__()
            self.here = nn.Parameter(torch.zeros(()))
            self.given: list[Tensor] = []

        def forward(self, noise: Tensor) -> Tensor:
            self.given.append(noise)
            return noise[:, :, None, None].clamp(-1, 1)

    echo, noise = Echo(), stream(3, "noise")
    images = torch.cat(list(batches(echo, latent, count, noise)))
    at_once, given = draw_noise(latent, count, stream(3, "noise")), torch.cat(echo.given)
    assert images.shape == (count, dim, 1, 1)
    assert [len(part) for part in echo.given] == [256] * (count // 256) + [count % 256] * (count % 256 > 0)
    if distribution == "normal" and 0 < count % 256 * dim < 16 and count > 256:
        assert torch.equal(given.flatten()[:-16], at_once.flatten()[:-16])
    else:
        assert torch.equal(given, at_once)
    assert torch.equal(images, sample(Echo(), latent, count, stream(3, "noise")))
