"""Scorer: judges generated images against a split of one data set, under a protocol that it writes down."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor

from dcgan import sections
from dcgan.data import Dataset
from dcgan.data.pixels import RESIZE_RULE
from dcgan.errors import DcganError, Misuse

if TYPE_CHECKING:
    from dcgan.scoring.extractors import Extractor

_USUAL = 10_000  # images a side, where the split has so many
_GOOD = 0.8  # a classifier's accuracy below which its features are doubtful
_SLOW = 1_000  # images from which Inception on a CPU is worth a warning
_INCEPTION_ON_CPU = 8  # images a second, measured on 2 cores


class Scorer:
    """Scores images of one data set with one extractor. Make it with `prepare`."""

    def __init__(self, score: sections.Score, dataset: Dataset, device: torch.device, extractor: Extractor) -> None:
        self._score = score
        self._dataset = dataset
        self._device = device
        self._extractor = extractor
        self._ready: dict[tuple[str, int], Tensor] = {}

    @classmethod
    def check(cls, score: sections.Score, dataset: Dataset) -> None:
        """Refuses (Misuse) what `prepare` would, as far as that is known without an extractor."""
        from dcgan.scoring.classifier import check_labels

        cls._check(score.samples, dataset, score.split)
        if score.extractor == "classifier":
            check_labels(dataset)

    @classmethod
    def prepare(cls, score: sections.Score, dataset: Dataset, device: torch.device) -> Self:
        """Loads or trains the extractor, and the features of the real images that final scores compare with.

        Raises Misuse for more samples than the split has, for a folder without class folders (classifier), and
        DcganError for weights that are not there (inception).
        """
        from dcgan.scoring.extractors import extractor  # torch-fidelity takes seconds to import

        cls.check(score, dataset)
        found = cls(score, dataset, device, extractor(score.extractor, dataset))
        count = found.sample_count(score.split)
        accuracy = found._extractor.accuracy
        if accuracy is not None and accuracy < _GOOD:
            print(
                f"note: the classifier whose features the scores use is right on only {accuracy:.0%} of the test split "
                f"({len(dataset.images['test'])} images): its scores say little",
                file=sys.stderr,
            )
        if score.extractor == "inception" and device.type == "cpu" and count >= _SLOW:
            minutes = 2 * count / _INCEPTION_ON_CPU / 60
            print(
                f"note: Inception on the CPU: {count} + {count} images take about {minutes:.0f} minutes",
                file=sys.stderr,
            )
        found._real(score.split, count)
        return found

    def sample_count(self, split: str) -> int:
        """How many generated images a score on that split takes: as many as real ones.

        The split that the final score uses has `score.samples` or the error of `prepare`; a smaller one gives all.
        """
        return min(self._score.samples or _USUAL, len(self._dataset.images[split]))

    def score(self, images: Tensor, split: str, samples: int | None = None) -> tuple[dict[str, float], dict[str, Any]]:
        """fid, isc, kid, precision, recall of uint8 images (n, C, H, W) against `samples` real ones of a split.

        Of more images than that a fixed random choice is taken. Returns the scores and the protocol, plain numbers
        and strings. Leaves every random state as it was. Raises Misuse for too few images or too large a sample,
        DcganError for images of another shape or kind, and for scores that are not finite.
        """
        from dcgan.scoring import metrics, reference

        count = self.sample_count(split) if samples is None else samples
        self._check(count, self._dataset, split)
        self._check_images(images, count)
        real = self._real(split, count)
        chosen = reference.choose(images, count)
        name = self._name(split, count)
        cache = reference.folder()
        scores = metrics.measure(chosen, real, name, extractor=self._extractor, device=self._device, cache=cache)
        return scores, self._protocol(split, count)

    @staticmethod
    def _check(samples: int | None, dataset: Dataset, split: str) -> None:
        if split not in dataset.images:
            raise Misuse(f"no split '{split}'; valid: {', '.join(dataset.images)}")
        there = len(dataset.images[split])
        if samples is not None and not 2 <= samples <= there:
            raise Misuse(
                f"{samples} samples: the {split} split of {dataset.name} has {there} images, and as many real as "
                f"generated ones are compared; use 2 to {there}"
            )

    def _check_images(self, images: Tensor, count: int) -> None:
        expected = tuple(self._dataset.images["train"].shape[1:])
        if images.dtype != torch.uint8 or tuple(images.shape[1:]) != expected:
            raise DcganError(
                f"images to score are {images.dtype} {tuple(images.shape[1:])}: expected torch.uint8 {expected}"
            )
        if len(images) < count:
            raise Misuse(f"{len(images)} images to score, {count} asked for: give more images or fewer samples")

    def _real(self, split: str, count: int) -> Tensor:
        """The real images of a score, whose features are then in the cache; kept, so that this is done once."""
        from dcgan.scoring import reference

        if (split, count) not in self._ready:
            real = reference.choose(self._dataset.images[split], count).cpu()
            reference.ensure(real, self._name(split, count), self._extractor, self._device)
            self._ready[split, count] = real
        return self._ready[split, count]

    def _name(self, split: str, count: int) -> str:
        return f"{self._dataset.name}-{self._dataset.fingerprint}-{split}-{count}"

    def _protocol(self, split: str, count: int) -> dict[str, Any]:
        from dcgan.scoring import metrics, reference

        accuracy = self._extractor.accuracy
        return {
            "extractor": self._extractor.kind,
            "extractor_hash": self._extractor.digest,
            **({} if accuracy is None else {"extractor_accuracy": round(accuracy, 6)}),
            "data": self._dataset.name,
            "data_fingerprint": self._dataset.fingerprint,
            "size": self._dataset.size,
            "channels": self._dataset.channels,
            "resize": RESIZE_RULE,
            "split": split,
            "real": count,
            "generated": count,
            "selection_seed": reference.SELECTION_SEED,
            **metrics.settings(count),
            "kid_kernel": "polynomial of degree 3",
            "feature_precision": "float32",
            "torch_fidelity": version("torch-fidelity"),
        }
