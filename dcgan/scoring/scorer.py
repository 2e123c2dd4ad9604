"""Scorer: judges generated images against a split of one data set, under a protocol that it writes down."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from dcgan import sections
from dcgan.data import Dataset
from dcgan.data.pixels import RESIZE_RULE
from dcgan.errors import DcganError, Misuse

if TYPE_CHECKING:
    from dcgan.experiment import Experiment
    from dcgan.scoring.extractors import Extractor
    from dcgan.scoring.features import Features
    from dcgan.scoring.protocol import Protocol

_USUAL = 10_000  # images a side, where the split has so many
_GOOD = 0.8  # a classifier's accuracy below which its features are doubtful
_SLOW = 1_000  # images from which a published network on a CPU is worth a warning
_PUBLISHED_ON_CPU = 8  # images a second, measured for Inception on 2 cores


@dataclass(frozen=True)
class Source:
    """Where generated images come from, as a protocol names it: their noise and their generator's weights."""

    noise: str
    weights: str

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """A run's own noise and the weights that it keeps."""
        return cls(noise="the run's own", weights="average" if experiment.average.half_life else "raw")


FILES = Source(noise="files", weights="files")


class Scorer:
    """Scores images of one data set with one extractor. Make it with `prepare`."""

    def __init__(self, score: sections.Score, dataset: Dataset, device: torch.device, extractor: Extractor) -> None:
        self._score = score
        self._dataset = dataset
        self._device = device
        self._extractor = extractor
        self._references: dict[tuple[str, int], Features] = {}

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
        DcganError for weights that are not there (published networks).
        """
        from dcgan.scoring.extractors import extractor  # torch-fidelity takes seconds to import

        cls.check(score, dataset)
        found = cls(score, dataset, device, extractor(score.extractor, dataset))
        found._warn(found.sample_count(score.split))
        real = found._real(score.split, found.sample_count(score.split))["features"]
        if len(real) <= real.shape[1]:
            print(
                f"note: {len(real)} images are too few for the {real.shape[1]} features of {score.extractor}: FID is "
                "far too large at that number and compares only with itself; raise score.samples",
                file=sys.stderr,
            )
        return found

    def _warn(self, count: int) -> None:
        """Says what makes the scores doubtful or slow."""
        kind, accuracy = self._extractor.kind, self._extractor.accuracy
        if accuracy is not None and accuracy < _GOOD:
            print(
                f"note: the classifier whose features the scores use is right on only {accuracy:.0%} of the test split "
                f"({len(self._dataset.images['test'])} images): its scores say little",
                file=sys.stderr,
            )
        if accuracy is None and self._dataset.channels == 1:
            print(
                f"note: {kind}'s features were made for colour photographs; it sees these grey images as three equal "
                "channels, and its scores rank them less surely than those of score.extractor=classifier",
                file=sys.stderr,
            )
        if accuracy is None and self._device.type == "cpu" and count >= _SLOW:
            minutes = 2 * count / _PUBLISHED_ON_CPU / 60
            print(f"note: {kind} on the CPU: 2 x {count} images take about {minutes:.0f} minutes", file=sys.stderr)

    def sample_count(self, split: str) -> int:
        """How many generated images a score on that split takes: as many as real ones.

        The split that the final score uses has `score.samples` or the error of `prepare`; a smaller one gives all.
        """
        return min(self._score.samples or _USUAL, len(self._dataset.images[split]))

    def features(self, batches: Iterable[Tensor], count: int) -> Features:
        """The features of `count` generated images, which come as uint8 batches (n, C, H, W) of any size.

        Leaves every random state as it was. Raises DcganError for images of another shape or kind.
        """
        from dcgan.scoring.features import extract

        return extract(map(self._checked, batches), count, self._extractor, self._device, "features of the images")

    def score(self, generated: Features, split: str, source: Source) -> tuple[dict[str, float], Protocol]:
        """fid, isc, kid, precision, recall of generated images against as many real ones of a split.

        Raises Misuse for too few or too many images for that split, DcganError for scores that are not finite.
        """
        from dcgan.scoring import metrics

        count = len(generated["features"])
        self._check(count, self._dataset, split)
        return metrics.measure(generated, self._real(split, count)), self._protocol(split, count, source)

    def examine(self, draws: Sequence[Features], even: Features, split: str) -> dict[str, float]:
        """What takes longer, of one generator: `draws` of its images by noise seed, the first being those of `score`.

        `even` are images of evenly spread noise, for FID at infinite sample size. The keys: density, coverage,
        memorisation, fid_sd (of one draw's FID), fid_floor (FID of real images at this number), fid_infinity with its
        standard error where there are images enough for it, modes and class_distance where there are classes.
        """
        from dcgan.scoring.examination import examine

        count = len(draws[0]["features"])
        return examine(
            draws,
            even,
            real=self._real(split, count),
            others=self._rest(split, count),
            training=self._all("train"),
            held_out=self._real("test", min(len(self._dataset.images["test"]), _USUAL)),
            labels=self._labels(split, count),
        )

    def _rest(self, split: str, count: int) -> Tensor:
        """Features of real training images that a score of `count` images on that split does not compare with."""
        from dcgan.scoring import reference

        training = self._all("train")["features"]
        if split != "train":
            return training
        apart = torch.ones(len(training), dtype=torch.bool)
        apart[reference.chosen(len(training), count)] = False
        return training[apart]

    def _all(self, split: str) -> Features:
        return self._real(split, len(self._dataset.images[split]))

    def _labels(self, split: str, count: int) -> Tensor | None:
        """The labels of the real images of a score, where the extractor's classes are theirs."""
        from dcgan.scoring import reference

        labels = self._dataset.labels
        if labels is None or not self._extractor.classes:
            return None
        return labels[split][reference.chosen(len(labels[split]), count)]

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

    def _checked(self, images: Tensor) -> Tensor:
        expected = tuple(self._dataset.images["train"].shape[1:])
        if images.dtype != torch.uint8 or tuple(images.shape[1:]) != expected:
            raise DcganError(
                f"images to score are {images.dtype} {tuple(images.shape[1:])}: expected torch.uint8 {expected}"
            )
        return images

    def _real(self, split: str, count: int) -> Features:
        """The features of the real images of a score; kept, so that they are read once."""
        from dcgan.scoring import reference

        if (split, count) not in self._references:
            real = reference.choose(self._dataset.images[split], count)
            name = f"{self._dataset.name}-{self._dataset.fingerprint}-{split}-{count}"
            self._references[split, count] = reference.features(real, name, self._extractor, self._device)
        return self._references[split, count]

    def _protocol(self, split: str, count: int, source: Source) -> Protocol:
        from dcgan.scoring import metrics, reference
        from dcgan.scoring.protocol import Protocol

        accuracy = self._extractor.accuracy
        return Protocol(
            extractor=self._extractor.kind,
            extractor_hash=self._extractor.digest,
            precision=self._extractor.precision,
            extractor_accuracy=None if accuracy is None else round(accuracy, 6),
            data=self._dataset.name,
            data_fingerprint=self._dataset.fingerprint,
            size=self._dataset.size,
            channels=self._dataset.channels,
            resize=RESIZE_RULE,
            split=split,
            real=count,
            generated=count,
            selection_seed=reference.SELECTION_SEED,
            noise=source.noise,
            weights=source.weights,
            torch_fidelity=version("torch-fidelity"),
            **metrics.settings(count),
        )
