"""A classifier is believed where it recognises images, not where it only knows how frequent the classes are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from dcgan.statistics.classifier_trust import distrust


@pytest.mark.parametrize(
    ("accuracy", "images", "largest", "why"),
    [
        (0.989, 449, 0.107, None),  # digits
        (0.899, 10_000, 0.1, "only 89.9 % of 10,000"),
        (0.915, 400, 0.915, "to name it every time is hardly worse"),
        (0.94, 100_000, 0.915, "to name it every time is hardly worse"),  # sure to be better, and says nothing
        (0.96, 400, 0.915, None),
        (1.0, 4, 0.5, "may be luck"),
        (1.0, 9, 0.5, "may be luck"),  # 1 in 512
        (1.0, 10, 0.5, None),  # 1 in 1,024
        (1.0, 50, 1.0, "may be luck"),  # one class alone
        (0.95, 10, None, None),
    ],
)
def test_by_the_largest_class_and_by_chance(accuracy: float, images: int, largest: float | None, why: str) -> None:
    told = distrust(accuracy, images, largest)
    assert told is None if why is None else told is not None and why in told


def test_the_margin_is_the_binomial_one() -> None:
    """Of 60 images with a largest class of 85 %, half of whose mistakes are avoided: what luck does is counted."""
    right = 56
    assert binom.sf(right - 1, 60, 0.85) > 0.001
    assert "luck" in (distrust(right / 60, 60, 0.85) or "")
    assert binom.sf(59, 60, 0.85) < 0.001
    assert distrust(1.0, 60, 0.85) is None


def test_random_labels_do_not_pass() -> None:
    """Whatever share of answers names the larger class, at chance: 3,000 classifiers on 91.5 : 8.5."""
    draws = np.random.default_rng(0)
    for answers in (1.0, 0.98, 0.9):
        truth = draws.random((1000, 360)) < 0.915
        right = (truth == (draws.random((1000, 360)) < answers)).mean(axis=1)
        assert all(distrust(float(a), 360, float(b)) for a, b in zip(right, truth.mean(axis=1), strict=True))
