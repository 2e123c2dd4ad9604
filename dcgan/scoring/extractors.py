"""Feature extractors: the classifier trained here, and the networks that torch-fidelity ships.

An extractor is known by its kind and by the hash of its weights: the same kind with other weights is another one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.data import Dataset
from dcgan.scoring.artefact import Artefact
from dcgan.scoring.classifier import Classifier, Trained, classifier, from_bytes, is_trained, to_bytes, weights_digest
from dcgan.scoring.pretrained import PUBLISHED, published, weights_file
from dcgan.scoring.stacked_mnist_classifier import DigitReader, digit_classifier, digit_classifier_from_bytes

STACKED = "stacked-mnist"  # whose classes are judged digit by digit


@dataclass(frozen=True)
class Extractor:
    """`network` gives the layers of uint8 images (n, C, H, W); `roles` says which score reads which of them.

    `features`: FID, precision and recall, density and coverage, memorisation; `unit_features`: KID; `logits`: Inception
    Score and classes, where there are any. `batch` is part of what a score means: floats are summed by batch.
    """

    kind: str
    digest: str
    batch: int
    precision: str
    network: nn.Module
    roles: Mapping[str, int]
    training: str | None = None  # how a classifier was trained
    accuracy: float | None = None
    weights: bytes | None = None  # a classifier's, as they are carried
    classes: tuple[str, ...] = ()  # those of the data set, where the logits are theirs

    @property
    def name(self) -> str:
        """The kind with the hash of the weights."""
        return f"{self.kind}-{self.digest}"

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        """uint8 images (n, C, H, W), on any device, to the layers (n, d)."""
        layers: tuple[Tensor, ...] = self.network.to(images.device)(images)
        return layers


def extractor(kind: str, dataset: Dataset, given: Artefact | None = None) -> Extractor:
    """The extractor of that kind for a data set: the `given` one of a study, else trained, found or downloaded.

    Raises Misuse or DcganError, also where the given one is damaged or its weights are other ones here.
    """
    if kind == "classifier":
        return _classifier(dataset, _carried(given, dataset) if given else _own(dataset))
    if kind in PUBLISHED:
        network, digest, roles, batch = published(kind)
        if given and given.digest != digest:
            raise Misuse(
                f"{kind}'s weights have the hash {digest} here, and the study was begun with {given.digest}: "
                "use the same file on every machine"
            )
        return Extractor(kind, digest, batch, "float32", network, roles)
    raise Misuse(f"score.extractor={kind}: nothing to score with" + did_you_mean(kind, ["classifier", *PUBLISHED]))


def is_here(kind: str, dataset: Dataset) -> bool:
    """Whether `extractor` would neither train nor download anything, as far as can be told without loading it."""
    if kind == "classifier":
        return is_trained(dataset)
    return weights_file(kind).is_file()


class _ClassifierLayers(nn.Module):
    """The classifier in double precision, so that neither batches nor threads are seen in a score's digits."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).double()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        features, logits = self.network(images)
        return features, features / self.network.unit, logits


def _own(dataset: Dataset) -> Trained:
    """The classifier for a data set from this machine's cache, or trained now."""
    return digit_classifier(dataset.size) if dataset.name == STACKED else classifier(dataset)


def _carried(given: Artefact, dataset: Dataset) -> Trained:
    """The classifier of a study. Raises DcganError if it is not what the study says it is."""
    weights, accuracy, training = given.weights or b"", given.accuracy or 0.0, given.training or ""
    if dataset.name == STACKED:
        network = digit_classifier_from_bytes(weights, dataset.size)
    else:
        network = from_bytes(weights, dataset.size, dataset.channels, len(dataset.classes))
    if network is None or weights_digest(network) != given.digest:
        raise DcganError(
            f"the study's extractor {given.name} is damaged: it has not the hash {given.digest}; delete it "
            "(studies/NAME/extractors): the runs stay, and dcgan score NAME scores them again where that is needed"
        )
    return Trained(network, training, accuracy, given.digest)


def _classifier(dataset: Dataset, trained: Trained) -> Extractor:
    network = DigitReader(trained.network) if dataset.name == STACKED else _ClassifierLayers(trained.network)
    return Extractor(
        "classifier",
        trained.digest,
        batch=500,
        precision="float64",
        network=network,
        roles={"features": 0, "unit_features": 1, "logits": 2},
        training=trained.training,
        accuracy=trained.accuracy,
        weights=to_bytes(trained),
        classes=dataset.classes,
    )
