"""What scores are taken with, as something that can be kept and carried: the extractor of a study.

Each machine would train a classifier of its own, in other bits, and its scores would compare with nobody else's. So a
study has one, made by whoever is first. A published network is too large to carry: of that the hash of its weights
goes along. With it goes what the real images come to, which shows whether a machine computes the same.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.common.json_text import UNEXPECTED
from dcgan.data import Dataset

# How far the features' means may lie apart on two machines, in standard deviations of the features: rounding, by the
# precision that they are computed in. Other weights or other images are off by whole deviations.
_ROUNDING = {"float64": 1e-9, "float32": 1e-2}


@dataclass(frozen=True)
class FeatureStatistics:
    """Mean and standard deviation of each feature over the real images that a score compares with."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def of(cls, features: Tensor) -> Self:
        """From features (n, d)."""
        features = features.double()
        return cls(tuple(features.mean(dim=0).tolist()), tuple(features.std(dim=0, correction=0).tolist()))

    def distance(self, other: FeatureStatistics) -> float:
        """The largest difference of a mean or a deviation, by the largest deviation; infinite for other sizes."""
        mine, theirs = (torch.tensor([each.mean, each.deviation], dtype=torch.float64) for each in (self, other))
        if mine.shape != theirs.shape:
            return torch.inf
        return ((mine - theirs).abs().max() / mine[1].max()).item()


@dataclass(frozen=True, eq=False)
class Artefact:
    """An extractor for one data set. `weights`: a classifier's, as safetensors; None for a published network.

    `references` by split and number of images, such as `test-449`.
    """

    name: str
    digest: str
    precision: str
    training: str | None
    accuracy: float | None
    weights: bytes | None
    references: Mapping[str, FeatureStatistics]

    def check(self, references: Mapping[str, FeatureStatistics]) -> None:
        """Raises DcganError if the same real images come to something else here."""
        for key, reference in references.items():
            if key in self.references and not self.references[key].distance(reference) <= _ROUNDING[self.precision]:
                raise DcganError(
                    f"the real images ({key}) have other features here than where the study's extractor {self.name} "
                    "was made, though images and weights are the same: this machine computes something else"
                )

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` of them gives an equal artefact."""
        return {
            "name": self.name,
            "digest": self.digest,
            "precision": self.precision,
            "training": self.training,
            "accuracy": self.accuracy,
            "weights": None if self.weights is None else base64.b64encode(self.weights).decode("ascii"),
            "references": {key: [each.mean, each.deviation] for key, each in self.references.items()},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str) -> Self:
        """What `to_json` gave. Raises DcganError, naming `where`, for anything else."""
        try:
            weights = content["weights"]
            return cls(
                name=str(content["name"]),
                digest=str(content["digest"]),
                precision={each: each for each in _ROUNDING}[content["precision"]],
                training=content["training"],
                accuracy=content["accuracy"],
                weights=None if weights is None else base64.b64decode(weights, validate=True),
                references={
                    key: FeatureStatistics(tuple(map(float, mean)), tuple(map(float, deviation)))
                    for key, (mean, deviation) in content["references"].items()
                },
            )
        except UNEXPECTED as error:
            raise DcganError(
                f"{where} is damaged: it is no extractor of a study ({error!r}); delete it: the runs stay"
            ) from None


def artefact_name(kind: str, dataset: Dataset) -> str:
    """What the artefact of that kind for that data set is called, on every machine."""
    return f"{kind}-{dataset.name}-{dataset.fingerprint}"
