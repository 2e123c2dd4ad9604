"""Images from the generators that runs have kept."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from dcgan.common.errors import DcganError
from dcgan.experiment import Experiment
from dcgan.networks import Generator, build_generator
from dcgan.networks.init import weighted_layers
from dcgan.runs.directory import RunDirectory
from dcgan.runs.evaluation import scoring_noise
from dcgan.training.sampling import batches, render, walk

_STEPS_BETWEEN = 8  # images from one drawn image to the next when interpolating


def load_generator(name: str) -> tuple[Experiment, Generator]:
    """The trained generator of a run (id or path), on the CPU, and the run's experiment.

    Raises DcganError if there is no such run or it has no weights yet.
    """
    directory = RunDirectory.find(name)
    if not directory.weights.exists():
        raise DcganError(f"run {directory.path.name} has no generator: it is not finished")
    experiment = directory.experiment()
    generator = build_generator(experiment)
    try:
        former = directory.path.resolve().name != experiment.id
        weights = (_biases_that_were_not_there(generator) if former else {}) | load_file(directory.weights)
        generator.load_state_dict(weights)
    except (SafetensorError, RuntimeError) as error:
        raise DcganError(f"{directory.weights} is damaged: {error}".splitlines()[0]) from error
    if not all(tensor.isfinite().all() for tensor in generator.state_dict().values()):
        raise DcganError(
            f"{directory.weights} holds weights that are not numbers: there is nothing to make images with"
        )
    return experiment, generator.eval()


def _biases_that_were_not_there(generator: Generator) -> dict[str, Tensor]:
    """The zeros that stand for the biases which a run of a former recipe had not."""
    layers = ((name, layer) for name, layer in weighted_layers(generator) if not isinstance(layer, nn.Linear))
    return {f"{name}.bias": torch.zeros_like(layer.bias) for name, layer in layers if layer.bias is not None}


def generate(name: str, count: int, *, seed: int | None = None) -> Tensor:
    """`count` images, uint8 (count, C, H, W), from the trained generator of a run (id or path).

    Without a `seed` the noise is the one that the run's own scores were taken on.
    """
    return torch.cat(list(generated(name, count, seed=seed)))


def generated(name: str, count: int, *, seed: int | None = None) -> Iterator[Tensor]:
    """The images of `generate`, batch by batch, so that no more than one is held."""
    experiment, generator = load_generator(name)
    return batches(generator, experiment.latent, count, scoring_noise(experiment, seed))


def interpolate(name: str, count: int, *, seed: int | None = None) -> Tensor:
    """`count` images, uint8 (count, C, H, W), on a way through the noise from image to image."""
    experiment, generator = load_generator(name)
    return render(generator, walk(experiment.latent, count, _STEPS_BETWEEN, scoring_noise(experiment, seed)))
