"""What is scored when: a cheap look at the validation split along the way, everything at the end.

The scores that are reported are the last generator's against the test split. The curve on the validation split is kept
beside them with its best point, and never decides which generator is reported.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dcgan import data
from dcgan.common.errors import Misuse
from dcgan.common.rng import stream
from dcgan.data.decoding import decoded
from dcgan.data.folder import pictures
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data, Score
from dcgan.records.run_record import SplitScores
from dcgan.runs.environment import choose_device
from dcgan.scoring import Scorer
from dcgan.scoring.features import Features
from dcgan.scoring.fid_infinity import sobol_noise
from dcgan.scoring.reference import shuffled
from dcgan.scoring.scorer import FILES, ImageSource
from dcgan.training.sampling import batches, render

_BATCH = 256  # images of evenly spread noise at a time
_OF_FID = ("features",)  # what FID alone reads of an extractor


def scoring_noise(experiment: Experiment, seed: int | None = None, repeat: int = 0) -> torch.Generator:
    """The stream of the noise that a run's scores are taken on, that of another seed, or a further one of the same."""
    further = [str(repeat)] if repeat else []
    return stream(experiment.seed if seed is None else seed, "evaluation", "scores", *further)


class Evaluation:
    """Judges the generators of one run with one scorer."""

    def __init__(self, experiment: Experiment, scorer: Scorer) -> None:
        self._experiment = experiment
        self._scorer = scorer
        self._source = ImageSource.of(experiment)

    def along(self, generator: nn.Module) -> SplitScores:
        """The usual scores against the validation split."""
        return self._scored(self._drawn(generator, self._scorer.sample_count("validation")), "validation")

    def at_the_end(self, generator: nn.Module) -> list[SplitScores]:
        """Against the split that is reported, with all there is to know, and the same images against the other split.

        The other one of test and train is left out where it has fewer images.
        """
        reported = self._experiment.score.split
        other = "train" if reported == "test" else "test"
        count = self._scorer.sample_count(reported)
        first = self._drawn(generator, count)
        further = [self._drawn(generator, count, repeat) for repeat in range(1, self._experiment.score.repeats)]
        scores, protocol = self._scorer.score(first, reported, self._source)
        seen = self._scorer.examine([first, *further], self._evenly_drawn(generator, count), reported)
        details = {**seen.details, "left_out": seen.left_out}
        final = SplitScores(reported, {**scores, **seen.scores}, protocol, details)
        return [final, *([self._scored(first, other)] if self._scorer.sample_count(other) >= count else [])]

    def _drawn(self, generator: nn.Module, count: int, repeat: int = 0) -> Features:
        """Features of images of the run's own noise for scores, or those FID takes of further noise of that seed."""
        noise = scoring_noise(self._experiment, repeat=repeat)
        images = batches(generator, self._experiment.latent, count, noise)
        return self._scorer.features(images, count, _OF_FID if repeat else None)

    def _evenly_drawn(self, generator: nn.Module, count: int) -> Tensor:
        """Features of images of noise that fills its space evenly, for FID at infinite sample size."""
        noise = sobol_noise(self._experiment.latent, count, self._experiment.seed)
        images = (render(generator, part) for part in torch.split(noise, _BATCH))
        return self._scorer.features(images, count, _OF_FID)["features"]

    def _scored(self, features: Features, split: str) -> SplitScores:
        scores, protocol = self._scorer.score(features, split, self._source)
        return SplitScores(split, scores, protocol)


def score_folder(folder: str, score: Score, against: Data, *, count: int | None = None) -> SplitScores:
    """As at the end of a run, of so many images of a folder (by default all, as far as `against` has as many).

    Raises Misuse if it has fewer.
    """
    paths, dataset = pictures(Data(name="folder", folder=folder)), data.load(against)
    count = count or min(len(paths), 10_000, len(dataset.images[score.split]))
    if len(paths) < count:
        raise Misuse(f"--samples {count}: {folder} has {len(paths)} images")
    scorer = Scorer.prepare(score.model_copy(update={"samples": count}), dataset, choose_device("auto"))
    # Shuffled: a folder's order may mean something, and FID-infinity takes runs of images for random ones.
    taken = [paths[number] for number in shuffled(len(paths), count).tolist()]
    features = scorer.features(decoded(taken, against.size, dataset.channels), count)
    return score_files(scorer, features, score.split)


def score_files(scorer: Scorer, features: Features, split: str) -> SplitScores:
    """As at the end of a run, of images that came as files, in random order."""
    scores, protocol = scorer.score(features, split, FILES)
    seen = scorer.examine([features], features["features"], split)
    return SplitScores(split, scores | seen.scores, protocol, {**seen.details, "left_out": seen.left_out})


def curve(rows: Sequence[Mapping[str, str]], metric: str = "fid") -> dict[str, Any] | None:
    """What a run's rows of scores.csv on the validation split came to; None with fewer than two.

    `best` and `last` with their images, and `mean`: the area under the curve by the images between first and last. The
    untrained generator's score begins the curve and is no best one of the run.
    """
    points = [(int(row["images"]), float(row[metric])) for row in rows if row["split"] == "validation"]
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return None
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in itertools.pairwise(points))
    best = min((point for point in points if point[0]), key=lambda point: point[1])
    return {
        "split": "validation",
        "metric": metric,
        "best": {"images": best[0], metric: best[1]},
        "last": {"images": points[-1][0], metric: points[-1][1]},
        "mean": area / (points[-1][0] - points[0][0]),
    }
