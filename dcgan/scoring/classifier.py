"""The embedded extractor: a small classifier, trained once on the data set's own labels and kept by content.

It sees the train split only, always on one thread of the CPU and always from the same seed, so that neither the
device nor the number of workers of a study decides what a score means.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional

from dcgan.common import paths, regular_files
from dcgan.common.errors import Misuse
from dcgan.common.files import locked, write_atomically
from dcgan.common.messages import note
from dcgan.common.rng import stream
from dcgan.common.tracked_items import tracked
from dcgan.data import Dataset, normalise

FEATURES = 64
_RECIPE = 1  # raise it with every change of the network or its training: old files are then left alone
_WIDTHS = (16, 32, 64, 64)  # channels after each convolution
_STRIDES = {16: (2, 2), 28: (2, 2, 2), 32: (2, 2, 2), 64: (4, 2, 2), 128: (4, 2, 2, 2)}  # by image size, down to 4 x 4
_FEWEST_SEEN, _MOST_SEEN = 30_000, 120_000  # images seen in training: two epochs of the data within these
_BATCH = 128
_SEED = 0
_PEAK_LR = 3e-3


class Classifier(nn.Module):
    """Strided convolutions with BatchNorm down to 4 x 4, a layer of 64 features, one logit a class.

    `unit` is the root mean square of a feature over the train split: what KID's kernel is measured in.
    """

    unit: Tensor

    def __init__(self, size: int, channels: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for width, stride in zip(_WIDTHS, _STRIDES[size], strict=False):
            convolution = nn.Conv2d(
                before, width, kernel_size=stride + 1, stride=stride, padding=stride // 2, bias=False
            )
            layers += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * 16, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, classes)
        self.register_buffer("unit", torch.ones(()))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 images (n, C, H, W) to features (n, 64), zero or positive, and logits (n, classes)."""
        features = self.body(normalise(images).to(self.unit.dtype))
        return features, self.head(features)


@dataclass(frozen=True)
class Trained:
    """A trained classifier, how it was trained, its share of right answers on the test split, its weights' digest."""

    network: Classifier
    training: str
    accuracy: float
    digest: str


def check_labels(dataset: Dataset) -> None:
    """Refuses (Misuse) a data set without labels."""
    if dataset.labels is None:
        raise Misuse(
            f"data set '{dataset.name}' has no labels for the scoring classifier to learn: sort the images into one "
            "subfolder per class, or use score.extractor=inception, or score.extractor=none"
        )


def classifier(dataset: Dataset) -> Trained:
    """The data set's classifier from the cache, or trained now and kept there.

    A damaged file is replaced with a note; two processes that need the same one train it once.
    Raises Misuse for a data set without labels.
    """
    check_labels(dataset)
    path = _file(dataset)
    if path.exists() and (cached := _read(path, dataset)):
        return cached
    with locked(path.with_suffix(".lock"), wait=True):
        if path.exists():  # another process may have been quicker
            if cached := _read(path, dataset):
                return cached
            note(f"{path} is damaged: the scoring classifier is trained again")
        trained = _train(dataset.to("cpu"))
        content = to_bytes(trained)
        write_atomically(path, lambda file: file.write(content))
    return trained


def to_bytes(trained: Trained) -> bytes:
    """A trained classifier as a safetensors file."""
    metadata = {"accuracy": repr(trained.accuracy), "digest": trained.digest}
    return save(trained.network.state_dict(), metadata=metadata)


def from_bytes(weights: bytes, size: int, channels: int, classes: int) -> Classifier | None:
    """The classifier of such images with the weights of `to_bytes`; None if they are damaged or another network's."""
    with torch.random.fork_rng(devices=[]):
        network = Classifier(size, channels, classes)
    try:
        network.load_state_dict(load(weights))
    except (SafetensorError, RuntimeError, ValueError):
        return None
    return network.eval().requires_grad_(False)


def is_trained(dataset: Dataset) -> bool:
    """Whether the data set's classifier is in the cache."""
    return _file(dataset).exists()


def _file(dataset: Dataset) -> Path:
    return paths.cache() / "extractors" / f"{_key(dataset)}.safetensors"


def _key(dataset: Dataset) -> str:
    """What decides the weights, as a file name."""
    recipe = [_RECIPE, dataset.fingerprint, torch.__version__]
    return f"{dataset.name}-{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:16]}"


def weights_digest(network: nn.Module) -> str:
    """Sixteen hexadecimal digits over names, shapes and values of all weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype} ".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _empty(dataset: Dataset) -> Classifier:
    return Classifier(dataset.size, dataset.channels, len(dataset.classes))


def _read(path: Path, dataset: Dataset) -> Trained | None:
    """The classifier in that file; None if it is damaged."""
    with torch.random.fork_rng(devices=[]):
        network = _empty(dataset)
    try:
        regular_files.state(path)
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        network.eval().requires_grad_(False)
        trained = Trained(network, _training(dataset), float(metadata["accuracy"]), metadata["digest"])
    except (SafetensorError, OSError, RuntimeError, KeyError, TypeError, ValueError):
        return None
    return trained if weights_digest(network) == trained.digest else None


def _train(dataset: Dataset) -> Trained:
    """A network fitted to the train split, with its unit, its accuracy on the test split, and its digest."""
    if dataset.labels is None:
        raise ValueError("a classifier needs labels")
    with _one_thread(), torch.autocast("cpu", enabled=False):
        network = _fitted(dataset, dataset.images["train"], dataset.labels["train"])
        features, _ = _outputs(network, dataset.images["train"])
        network.unit.copy_(features.square().mean().sqrt())
        _, logits = _outputs(network, dataset.images["test"])
        accuracy = (logits.argmax(dim=1) == dataset.labels["test"]).float().mean().item()
    return Trained(network, _training(dataset), accuracy, weights_digest(network))


def _training(dataset: Dataset) -> str:
    return f"seed {_SEED}, {_epochs(len(dataset.images['train']))} epochs"


def _epochs(images: int) -> int:
    return max(1, round(min(max(2 * images, _FEWEST_SEEN), _MOST_SEEN) / images))


@torch.enable_grad()
def _fitted(dataset: Dataset, images: Tensor, labels: Tensor) -> Classifier:
    """AdamW under a one-cycle schedule, on cross-entropy. Leaves the global random state as it was."""
    batch = min(_BATCH, len(images))
    steps = _epochs(len(images)) * (len(images) // batch)
    shuffling = stream(_SEED, "classifier", "order")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(_SEED)  # torch.manual_seed would seed the GPUs too
        network = _empty(dataset).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=_PEAK_LR)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=_PEAK_LR, total_steps=steps)
    order = torch.empty(0, dtype=torch.int64)
    for _ in tracked(range(steps), steps, "training the scoring classifier"):
        if len(order) < batch:
            order = torch.randperm(len(images), generator=shuffling)
        chosen, order = order[:batch], order[batch:]
        loss = functional.cross_entropy(network(images[chosen])[1], labels[chosen])
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    return network.eval().requires_grad_(False)


@torch.no_grad()
def _outputs(network: Classifier, images: Tensor) -> tuple[Tensor, Tensor]:
    outputs = [network(part) for part in torch.split(images, 1000)]
    return torch.cat([features for features, _ in outputs]), torch.cat([logits for _, logits in outputs])


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for the block: sums of floats depend on how they are shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
