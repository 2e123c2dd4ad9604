"""What makes scores doubtful or slow is told before any is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from dcgan.data import Dataset
from dcgan.scoring.extractors import Extractor
from dcgan.scoring.score_warnings import score_warnings

INCEPTION = Extractor("inception", "0" * 12, 50, "float32", nn.Identity(), {})


def _warnings(chosen: Extractor, dataset: Dataset, on: str = "cpu", **counts: Any) -> list[str]:
    return list(score_warnings(chosen, dataset, on=torch.device(on), **{"samples": 120, "images": 500, **counts}))


def _coloured(dataset: Dataset) -> Dataset:
    return replace(dataset, images={split: of.expand(-1, 3, -1, -1) for split, of in dataset.images.items()})


@pytest.mark.parametrize(("accuracy", "told"), [(0.89, True), (0.9, False)])
def test_a_classifier_that_is_often_wrong_says_little(dataset: Dataset, accuracy: float, told: bool) -> None:
    warnings = _warnings(replace(INCEPTION, kind="classifier", accuracy=accuracy), dataset, samples=10**6)
    assert len(warnings) == told
    assert all("right on only 89 % of 120 held-out images: its scores say little" in warning for warning in warnings)


@pytest.mark.parametrize(("largest", "told"), [(110, True), (60, False)])
def test_a_classifier_must_beat_the_largest_class(dataset: Dataset, largest: int, told: bool) -> None:
    labels = {**(dataset.labels or {}), "test": torch.tensor([0] * largest + [1] * (120 - largest))}
    one_sided = replace(dataset, labels=labels, classes=("a", "b"))
    warnings = _warnings(replace(INCEPTION, kind="classifier", accuracy=110 / 120), one_sided)
    assert len(warnings) == told
    assert all("91.7 % of them are of one class" in warning for warning in warnings)


def test_a_network_for_photographs_is_doubtful_of_grey_images(dataset: Dataset) -> None:
    (warning,) = _warnings(INCEPTION, dataset)
    assert warning.startswith("inception's features were made for colour photographs")
    assert _warnings(INCEPTION, _coloured(dataset)) == []


def test_a_published_network_on_a_cpu_is_told_with_its_minutes(dataset: Dataset) -> None:
    colour = _coloured(dataset)
    (warning,) = _warnings(INCEPTION, colour, samples=1000, images=9600)
    assert "9,600 images, real and generated, take about 20 minutes" in warning
    assert _warnings(INCEPTION, colour, samples=999, images=9600) == []
    assert _warnings(INCEPTION, colour, on="cuda", samples=1000, images=9600) == []
