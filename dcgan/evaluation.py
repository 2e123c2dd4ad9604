"""What is scored when: a cheap look at the validation split along the way, everything at the end.

The scores that are reported are the last generator's against the test split. The curve on the validation split is kept
beside them with its best point, and never decides which generator is reported.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from dcgan.experiment import Experiment
from dcgan.scoring import Scorer
from dcgan.scoring.scorer import Source
from dcgan.streams import stream
from dcgan.training.sampling import batches


def scoring_noise(experiment: Experiment, seed: int | None = None) -> torch.Generator:
    """The stream of the noise that a run's scores are taken on, or that of another seed."""
    return stream(experiment.seed if seed is None else seed, "evaluation", "scores")


@dataclass(frozen=True)
class Judged:
    """Scores against one split, and how they were taken."""

    split: str
    scores: dict[str, float]
    protocol: dict[str, Any]


class Evaluation:
    """Judges the generators of one run with one scorer."""

    def __init__(self, experiment: Experiment, scorer: Scorer) -> None:
        self._experiment = experiment
        self._scorer = scorer
        self._source = Source.of(experiment)

    def along(self, generator: nn.Module) -> Judged:
        """The usual scores against the validation split."""
        return self._against(generator, ["validation"])[0]

    def at_the_end(self, generator: nn.Module) -> list[Judged]:
        """Against the split that is reported, and against the other one of test and train, on the same images."""
        reported = self._experiment.score.split
        return self._against(generator, [reported, "train" if reported == "test" else "test"])

    def _against(self, generator: nn.Module, splits: Sequence[str]) -> list[Judged]:
        count = min(self._scorer.sample_count(split) for split in splits)
        images = batches(generator, self._experiment.latent, count, scoring_noise(self._experiment))
        features = self._scorer.features(images, count)
        judged = []
        for split in splits:
            scores, protocol = self._scorer.score(features, split, self._source)
            judged.append(Judged(split, scores, protocol.to_dict()))
        return judged


def curve(rows: Sequence[Mapping[str, str]], metric: str = "fid") -> dict[str, Any] | None:
    """What a run's rows of scores.csv on the validation split came to; None with fewer than two.

    `best` and `last` with their images, and `mean`: the area under the curve by the images between first and last.
    """
    points = [(int(row["images"]), float(row[metric])) for row in rows if row["split"] == "validation"]
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return None
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in itertools.pairwise(points))
    best = min(points, key=lambda point: point[1])
    return {
        "split": "validation",
        "metric": metric,
        "best": {"images": best[0], metric: best[1]},
        "last": {"images": points[-1][0], metric: points[-1][1]},
        "mean": area / (points[-1][0] - points[0][0]),
    }
