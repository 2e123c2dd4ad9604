"""Scorer: judges generated images against a split of one data set, under a protocol that it writes down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.messages import note
from dcgan.common.rng import stream
from dcgan.data import Dataset
from dcgan.data.pixels import RESIZE_RULE
from dcgan.experiment import sections
from dcgan.records.protocol import RECIPE, Protocol

if TYPE_CHECKING:
    from dcgan.experiment import Experiment
    from dcgan.scoring.artefact import Artefact, FeatureStatistics
    from dcgan.scoring.extractors import Extractor
    from dcgan.scoring.features import Features
    from dcgan.scoring.final_scores import FinalScores

_USUAL = 10_000  # images a side, where the split has so many
_TRAINING = 20_000  # training images that a published network looks at, for the noise floor and for copies
_FLOOR_SEED = 20260403  # of the real images that the noise floor deals out: the same for every generator
_SAME = 1e-6  # of features' size: what differs by less is rounding


@dataclass(frozen=True)
class ImageSource:
    """Where generated images come from, as a protocol names it: their noise and their generator's weights."""

    noise: str
    weights: str
    seed: int | None = None

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """A run's own noise and the weights that it keeps."""
        return cls("generator", "average" if experiment.average.half_life else "raw", experiment.seed)


FILES = ImageSource(noise="files", weights="files")


class Scorer:
    """Scores images of one data set with one extractor. Make it with `prepare`."""

    def __init__(self, score: sections.Score, dataset: Dataset, device: torch.device, extractor: Extractor) -> None:
        self._score = score
        self._dataset = dataset
        self._device = device
        self._extractor = extractor
        self._references: dict[tuple[str, int], Features] = {}
        self._floors: dict[tuple[str, int], float | None] = {}

    @classmethod
    def check(cls, score: sections.Score, dataset: Dataset) -> None:
        """Refuses (Misuse) what `prepare` would, as far as that is known without an extractor."""
        from dcgan.scoring.classifier import check_labels

        cls._check(score.samples, dataset, score.split)
        images = dataset.images[score.split]
        if all(bool((some == images[:1]).all()) for some in (images[:2], images)):  # most differ in the first two
            raise Misuse(
                f"all {len(images)} images of the {score.split} split of {dataset.name} are alike: there is "
                "nothing to compare generated images with; use images that differ, or score.extractor=none"
            )
        if score.extractor == "classifier":
            check_labels(dataset)

    @classmethod
    def prepare(
        cls, score: sections.Score, dataset: Dataset, device: torch.device, given: Artefact | None = None
    ) -> Self:
        """Loads or trains the extractor, and the features of the real images that final scores compare with.

        `given`: a study's extractor, taken instead of this machine's own. Raises Misuse for more samples than the split
        has, for a folder without class folders (classifier), and DcganError for weights that are not there (published
        networks), and for a given extractor that is damaged or under which the real images come to something else here.
        """
        from dcgan.scoring.extractors import extractor  # torch-fidelity takes seconds to import

        cls.check(score, dataset)
        scorer = cls(score, dataset, device, extractor(score.extractor, dataset, given))
        if given:
            given.check(scorer._reference())
        scorer._warn(scorer.sample_count(score.split))
        real = scorer._real(score.split, scorer.sample_count(score.split))["features"]
        if real.std(dim=0).max() <= _SAME * real.abs().max():
            raise DcganError(
                f"{score.extractor} {scorer._extractor.digest} has the same features for all {len(real)} real images: "
                "these are the weights of another network, and nothing can be scored with them"
            )
        if len(real) <= real.shape[1]:
            note(
                f"{len(real)} images are too few for the {real.shape[1]} features of {score.extractor}: FID is "
                "far too large at that number and compares only with itself: more images would tell more"
            )
        return scorer

    def artefact(self) -> Artefact:
        """The extractor and what the real images come to, for a study to keep."""
        from dcgan.scoring.artefact import Artefact, artefact_name

        chosen = self._extractor
        return Artefact(
            name=artefact_name(chosen.kind, self._dataset),
            digest=chosen.digest,
            precision=chosen.precision,
            training=chosen.training,
            accuracy=chosen.accuracy,
            weights=chosen.weights,
            references=self._reference(),
        )

    def _reference(self) -> dict[str, FeatureStatistics]:
        """What the real images of the final score come to."""
        from dcgan.scoring.artefact import FeatureStatistics

        split = self._score.split
        count = self.sample_count(split)
        return {f"{split}-{count}": FeatureStatistics.of(self._real(split, count)["features"])}

    def _warn(self, count: int) -> None:
        """Warns of what makes the scores doubtful or slow."""
        from dcgan.scoring.score_warnings import score_warnings

        seen = (self._score.repeats + 2) * count + len(self._training_numbers())
        for warning in score_warnings(self._extractor, self._dataset, on=self._device, samples=count, images=seen):
            note(warning)

    def sample_count(self, split: str) -> int:
        """How many generated images a score on that split takes: as many as real ones.

        The split that the final score uses has `score.samples` or the error of `prepare`; a smaller one gives all.
        """
        return min(self._score.samples or _USUAL, len(self._dataset.images[split]))

    def features(self, batches: Iterable[Tensor], count: int, roles: Collection[str] | None = None) -> Features:
        """The features of `count` generated images, which come as uint8 batches (n, C, H, W) of any size.

        `roles`: only these of `Extractor`'s, where not all scores are to be taken.

        Leaves every random state as it was. Raises DcganError for images of another shape or kind.
        """
        from dcgan.scoring.features import extract

        what = "features of the images"
        return extract(map(self._checked, batches), count, self._extractor, self._device, what, roles=roles)

    def score(self, generated: Features, split: str, source: ImageSource) -> tuple[dict[str, float], Protocol]:
        """fid, isc, kid, precision, recall of generated images against as many real ones of a split; and fid_floor.

        The floor is the FID of as many other real images: what a perfect generator would come to. It is left out where
        there are not so many others.

        Raises Misuse for too few or too many images for that split, DcganError for scores that are not finite.
        """
        from dcgan.scoring import fidelity

        count = len(generated["features"])
        self._check(count, self._dataset, split)
        scores = fidelity.measure(generated, self._real(split, count))
        floor = self._floor(split, count)
        return scores | ({} if floor is None else {"fid_floor": floor}), self.protocol(split, count, source)

    def examine(self, draws: Sequence[Features], even: Tensor, split: str) -> FinalScores:
        """What takes longer, of one generator: `draws` of its images by noise seed, the first being those of `score`.

        `even` are features (n, d) of images of evenly spread noise, or in random order, for FID at infinite sample
        size. The scores: density, coverage, memorisation, fid_sd (of one draw's FID), fid_infinity with its standard
        error where there are images enough for it, modes and class_distance where there are classes.
        """
        from dcgan.scoring import final_scores

        count = len(draws[0]["features"])
        held_out = min(len(self._dataset.images["test"]), max(count, final_scores.COPIES))
        return final_scores.examine(
            draws,
            even,
            real=self._real(split, count),
            training=self._training()["features"],
            held_out=self._real("test", held_out)["features"],
            labels=self._labels(split, count),
        )

    def _floor(self, split: str, count: int) -> float | None:
        """The noise floor of FID at that number of images; None where there are not so many other real ones."""
        from dcgan.scoring import fidelity
        from dcgan.scoring.fid_infinity import FidReference
        from dcgan.scoring.uncertainty import noise_floor

        if (split, count) not in self._floors:
            others = self._training()["features"]
            if split == "train":
                others = others[~torch.isin(self._training_numbers(), self._numbers(split, count))]
            floor = None
            if len(others) >= count:
                real = FidReference.of(fidelity.statistics(self._real(split, count)))
                floor = noise_floor(others, count, real, stream(_FLOOR_SEED, "floor")).mean
            self._floors[split, count] = floor
        return self._floors[split, count]

    def _numbers(self, split: str, count: int) -> Tensor:
        """Which images of a split are compared with, rising."""
        from dcgan.scoring import reference

        return reference.chosen(len(self._dataset.images[split]), count)

    def _training_numbers(self) -> Tensor:
        """Which training images are looked at: all, or what a published network can read in reasonable time."""
        there = len(self._dataset.images["train"])
        return self._numbers("train", there if self._extractor.accuracy is not None else min(there, _TRAINING))

    def _training(self) -> Features:
        return self._extracted("train", len(self._training_numbers()))

    def _labels(self, split: str, count: int) -> Tensor | None:
        """The labels of the real images of a score, where the extractor's classes are theirs."""
        labels = self._dataset.labels
        if labels is None or not self._extractor.classes:
            return None
        return labels[split][self._numbers(split, count).to(labels[split].device)]

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
        """The features of the real images of a score; those of the train split are among the ones looked at anyway."""
        if split != "train" or count > len(self._training_numbers()):
            return self._extracted(split, count)
        among = torch.isin(self._training_numbers(), self._numbers(split, count))
        return {role: values[among] for role, values in self._training().items()}

    def _extracted(self, split: str, count: int) -> Features:
        """The features of that many images of a split; kept, so that they are read once."""
        from dcgan.scoring import reference

        if (split, count) not in self._references:
            real = reference.choose(self._dataset.images[split], count)
            name = f"{self._dataset.name}-{self._dataset.fingerprint}-{split}-{count}"
            self._references[split, count] = reference.features(real, name, self._extractor, self._device)
        return self._references[split, count]

    def protocol(self, split: str, count: int, source: ImageSource) -> Protocol:
        """How a score of so many images against that split is taken."""
        from dcgan.scoring import fidelity, reference

        accuracy = self._extractor.accuracy
        return Protocol(
            recipe=RECIPE,
            extractor=self._extractor.kind,
            extractor_hash=self._extractor.digest,
            extractor_training=self._extractor.training,
            extractor_accuracy=None if accuracy is None else round(accuracy, 6),
            precision=self._extractor.precision,
            data=self._dataset.name,
            data_fingerprint=self._dataset.fingerprint,
            size=self._dataset.size,
            channels=self._dataset.channels,
            resize=RESIZE_RULE,
            split=split,
            real=count,
            generated=count,
            training=len(self._training_numbers()),
            selection_seed=reference.SELECTION_SEED,
            noise=source.noise,
            noise_seed=source.seed,
            weights=source.weights,
            torch_fidelity=version("torch-fidelity"),
            **fidelity.settings(count),
        )
