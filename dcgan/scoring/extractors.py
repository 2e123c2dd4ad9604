"""Feature extractors as torch-fidelity knows them: registered under a name that holds the hash of their weights.

torch-fidelity's cache goes by names alone; a name that follows the content keeps stale statistics out of it.
"""

from __future__ import annotations

import copy
import hashlib
import pickle
import sys
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch_fidelity import FeatureExtractorBase, register_feature_extractor
from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

from dcgan.data import Dataset
from dcgan.errors import DcganError, Misuse
from dcgan.scoring.classifier import Classifier, classifier


@dataclass(frozen=True)
class Extractor:
    """A registered extractor. `name` is torch-fidelity's, `kind` the user's, `options` what its constructor takes."""

    name: str
    kind: str
    digest: str
    batch: int
    accuracy: float | None = None
    options: dict[str, Any] = field(default_factory=dict)


def extractor(kind: str, dataset: Dataset) -> Extractor:
    """The extractor of that kind (`classifier` or `inception`) for a data set, trained, found or downloaded."""
    if kind == "classifier":
        return _classifier(dataset)
    if kind == "inception":
        return _inception()
    raise Misuse(f"score.extractor={kind}: nothing to score with; use classifier or inception")


def _classifier(dataset: Dataset) -> Extractor:
    trained = classifier(dataset)
    name = f"classifier-{trained.digest}"
    _register(name, _registered_classifier(trained.network))
    return Extractor(name, "classifier", trained.digest, batch=500, accuracy=trained.accuracy)


def _registered_classifier(network: Classifier) -> type:
    class Registered(FeatureExtractorBase):  # type: ignore[misc]
        """The classifier's features for FID, precision and recall, in units of their size for KID, logits for IS."""

        def __init__(self, name: str, features_list: list[str], **_: Any) -> None:
            super().__init__(name, features_list)
            self.network = copy.deepcopy(network)  # torch-fidelity moves it between devices

        @staticmethod
        def get_provided_features_list() -> tuple[str, ...]:
            return ("features", "unit_features", "logits")

        @staticmethod
        def get_default_feature_layer_for_metric(metric: str) -> str:
            return {"isc": "logits", "kid": "unit_features"}.get(metric, "features")

        def forward(self, images: Tensor) -> tuple[Tensor, ...]:
            features, logits = self.network(images)
            layers = {"features": features, "unit_features": features / self.network.unit, "logits": logits}
            return tuple(layers[layer] for layer in self.features_list)

    return Registered


class _Inception(FeatureExtractorInceptionV3):  # type: ignore[misc]
    """torch-fidelity's Inception, which sees a grey image as three equal channels."""

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        colour = images.repeat(1, 3, 1, 1) if images.shape[1] == 1 else images
        return tuple(super().forward(colour))


def inception_weights() -> Path:
    """Where Inception's weights are, or would be downloaded to: in `TORCH_HOME`'s hub/checkpoints."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(URL_INCEPTION_V3).name


def _inception() -> Extractor:
    path = inception_weights()
    if not path.is_file():
        _download(path)
    try:
        torch.load(path, map_location="cpu", weights_only=True)  # refuses code: torch-fidelity's own loading does not
        _Inception("inception", ["2048"], feature_extractor_weights_path=path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise DcganError(
            f"{path} is damaged or not torch-fidelity's Inception: delete it to download it again ({_line(error)})"
        ) from error
    name = f"inception-{digest}"
    _register(name, _Inception)
    return Extractor(name, "inception", digest, batch=64, options={"feature_extractor_weights_path": str(path)})


def _download(path: Path) -> None:
    """Fetches Inception's weights, checked against the start of their SHA-256 that their name holds."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        start = path.stem.rpartition("-")[2]
        torch.hub.download_url_to_file(URL_INCEPTION_V3, str(path), hash_prefix=start, progress=sys.stderr.isatty())
    except (OSError, RuntimeError, HTTPException) as error:
        raise DcganError(
            f"score.extractor=inception: its weights are not at {path} and cannot be downloaded ({_line(error)}): "
            f"put {URL_INCEPTION_V3} there, or use score.extractor=classifier"
        ) from error


def _register(name: str, kind: type) -> None:
    if name not in FEATURE_EXTRACTORS_REGISTRY:
        register_feature_extractor(name, kind)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
