"""Warnings of what makes scores doubtful or slow, before any is taken."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from dcgan.data import Dataset
from dcgan.scoring.extractors import Extractor

_LEAST_ACCURACY = 0.8  # of a classifier: below it its features are doubtful
_MANY_IMAGES = 1_000  # images from which a published network on a CPU is worth a warning
_PUBLISHED_ON_CPU = 8  # images a second, measured for Inception on 2 cores


def score_warnings(
    chosen: Extractor, dataset: Dataset, *, on: torch.device, samples: int, images: int
) -> Iterator[str]:
    """A sentence each. A score takes so many `samples`, and the extractor sees so many `images` for it in all."""
    kind, accuracy = chosen.kind, chosen.accuracy
    if accuracy is not None:
        if accuracy < _LEAST_ACCURACY:
            yield (
                f"the classifier whose features the scores use is right on only {accuracy:.0%} of the test split "
                f"({len(dataset.images['test'])} images): its scores say little"
            )
        return
    if dataset.channels == 1:
        yield (
            f"{kind}'s features were made for colour photographs; it sees these grey images as three equal channels, "
            "and its scores rank them less surely than those of score.extractor=classifier"
        )
    if on.type == "cpu" and samples >= _MANY_IMAGES:
        minutes = images / _PUBLISHED_ON_CPU / 60
        yield (
            f"{kind} on the CPU: {images:,} images, real and generated, take about {minutes:.0f} minutes; "
            "fewer samples take less"
        )
