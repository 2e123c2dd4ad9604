"""Warnings of what makes scores doubtful or slow, before any is taken."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from dcgan.data import Dataset
from dcgan.scoring.extractors import Extractor
from dcgan.statistics.classifier_trust import distrust

_MANY_IMAGES = 1_000  # images from which a published network on a CPU is worth a warning
_PUBLISHED_ON_CPU = 8  # images a second, measured for Inception on 2 cores


def score_warnings(
    chosen: Extractor, dataset: Dataset, *, on: torch.device, samples: int, images: int
) -> Iterator[str]:
    """A sentence each. A score takes so many `samples`, and the extractor sees so many `images` for it in all."""
    kind = chosen.kind
    if chosen.accuracy is not None:
        if trouble := classifier_trouble(chosen, dataset):
            yield f"the classifier whose features the scores use {trouble}: its scores say little"
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


def classifier_trouble(chosen: Extractor, dataset: Dataset) -> str | None:
    """Why the features of a data set's classifier are not to be believed (`distrust`); None if they are, and for a
    published network."""
    if chosen.accuracy is None:
        return None
    labels = None if dataset.labels is None else dataset.labels["test"]
    largest = None if labels is None else labels.bincount().max().item() / len(labels)
    return distrust(chosen.accuracy, len(dataset.images["test"]), largest)
