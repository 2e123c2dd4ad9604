"""Images from the generators that runs have kept."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import cannot
from dcgan.common.json_text import UNEXPECTED
from dcgan.experiment import Experiment
from dcgan.networks import Generator, build_generator
from dcgan.networks.build import lay_out
from dcgan.networks.init import weighted_layers
from dcgan.runs.directory import RunDirectory
from dcgan.runs.evaluation import scoring_noise
from dcgan.training import checkpoint
from dcgan.training.sampling import batches, render, walk

_ENDED = {"diverged": "diverged", "pruned": "was pruned", "finished": "lost its weights and ended"}
_BESIDE = 2**20  # bytes of a file of weights that are none: names and shapes
_STEPS_BETWEEN = 8  # images from one drawn image to the next when interpolating


class Drawing(NamedTuple):
    """A run's experiment and its generator, on the CPU; `seen` images after which it is not finished, else None.

    Without a `seed` its images are of the noise that the run's own scores were or will be taken on.
    """

    experiment: Experiment
    generator: Generator
    seen: int | None

    def images(self, count: int, seed: int | None = None) -> Tensor:
        """`count` images, uint8 (count, C, H, W)."""
        noise = scoring_noise(self.experiment, seed)
        return torch.cat(list(batches(self.generator, self.experiment.latent, count, noise)))

    def walk(self, count: int, seed: int | None = None) -> Tensor:
        """`count` images, uint8 (count, C, H, W), on a way through the noise from image to image."""
        noise = scoring_noise(self.experiment, seed)
        return render(self.generator, walk(self.experiment.latent, count, _STEPS_BETWEEN, noise))


def load_generator(name: str) -> tuple[Experiment, Generator]:
    """The trained generator of a run (id or path), on the CPU, and the run's experiment.

    Raises DcganError if there is no such run or it has no weights yet.
    """
    directory = RunDirectory.find(name)
    if not directory.weights.exists():
        raise DcganError(
            f"run {directory.path.name} has no generator: it is not finished (dcgan sample draws from its checkpoint)"
        )
    experiment = directory.experiment()
    _check_size(experiment, directory.weights)
    generator = build_generator(experiment)
    try:
        weights = load(read_weights(directory, generator))
    except SafetensorError as error:
        raise DcganError(f"{directory.weights} is damaged: {error}".splitlines()[0]) from error
    return experiment, _filled(generator, directory, experiment, weights, directory.weights)


def read_weights(directory: RunDirectory, generator: Generator) -> bytes:
    """A run's file of weights, no larger than those of that generator make it. Raises DcganError for any other."""
    most = _size(generator) + _BESIDE
    try:
        return regular_files.read(directory.weights, most)
    except OSError as error:
        raise cannot("read", directory.weights, error) from error


def drawing(name: str) -> Drawing:
    """The generator of a run (id or path): of a finished one the trained one, else that of its last checkpoint.

    Raises DcganError if there is neither.
    """
    directory = RunDirectory.find(name)
    if directory.weights.exists():
        return Drawing(*load_generator(str(directory.path)), seen=None)
    if not directory.checkpoint.exists():
        record, name = directory.record(), directory.path.name
        if record and record.is_over:
            raise DcganError(f"run {name} has no generator: it {_ENDED[record.status]} before its first checkpoint")
        raise DcganError(
            f"run {name} has no generator and no checkpoint yet: the command that began it goes on with it"
        )
    experiment, state = directory.experiment(), checkpoint.load(directory.checkpoint)
    try:
        weights, seen = checkpoint.evaluation_weights(state), int(state["seen"])
    except UNEXPECTED as error:
        raise DcganError(f"{directory.checkpoint} is damaged: it holds no generator") from error
    _check_size(experiment, directory.checkpoint)
    generator = build_generator(experiment)
    return Drawing(experiment, _filled(generator, directory, experiment, weights, directory.checkpoint), seen)


def _check_size(experiment: Experiment, file: Path) -> None:
    """Refuses (DcganError) a file that cannot hold the generator's weights.

    What a stranger's experiment.yaml describes may fill any memory: it is laid out without any first.
    """
    try:
        with torch.device("meta"):
            size = _size(lay_out(experiment, "generator"))
        fits = size <= regular_files.state(file).st_size + _BESIDE
    except OSError as error:
        raise cannot("read", file, error) from error
    except (RuntimeError, OverflowError):  # more than can be counted
        fits = False
    if not fits:
        raise DcganError(
            f"{file} is damaged: it is smaller than the weights of the generator that {file.parent.name}'s "
            "experiment.yaml describes"
        )


def _size(network: nn.Module) -> int:
    """Bytes of a network's weights."""
    return sum(tensor.nbytes for tensor in network.state_dict().values())


def _filled(
    generator: Generator, directory: RunDirectory, experiment: Experiment, weights: dict[str, Tensor], file: Path
) -> Generator:
    """The generator with the weights that were in that file."""
    former = directory.path.resolve().name != experiment.id
    try:
        generator.load_state_dict((_biases_that_were_not_there(generator) if former else {}) | weights)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise DcganError(f"{file} is damaged: {error}".splitlines()[0]) from error
    if not all(tensor.isfinite().all() for tensor in generator.state_dict().values()):
        raise DcganError(f"{file} holds weights that are not numbers: there is nothing to make images with")
    return generator.eval()


def _biases_that_were_not_there(generator: Generator) -> dict[str, Tensor]:
    """The zeros that stand for the biases which a run of a former recipe had not."""
    layers = ((name, layer) for name, layer in weighted_layers(generator) if not isinstance(layer, nn.Linear))
    return {f"{name}.bias": torch.zeros_like(layer.bias) for name, layer in layers if layer.bias is not None}


def generate(name: str, count: int, *, seed: int | None = None) -> Tensor:
    """`count` images, uint8 (count, C, H, W), from the generator of a run (id or path): `drawing` and its `images`."""
    return drawing(name).images(count, seed)
