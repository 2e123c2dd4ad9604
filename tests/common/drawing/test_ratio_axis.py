"""Ticks of an axis of ratios: round, within the limits, few enough."""

from __future__ import annotations

import itertools
import math

import pytest

from dcgan.common.drawing.ratio_axis import ticks


@pytest.mark.parametrize(("low", "high"), [(-0.02, 0.03), (-0.3, 0.3), (-0.9, 0.2), (-0.1, 4.0), (-5.0, 5.0)])
def test_ticks_lie_inside_apart_and_name_both_ends(low: float, high: float) -> None:
    found = ticks(low, high, 8)
    assert found == sorted(found) and 0.0 in found
    assert 3 <= len(found) <= 9
    assert all(low <= tick <= high for tick in found)
    assert min(b - a for a, b in itertools.pairwise(found)) >= (high - low) / 8 - 1e-12
    assert found[-1] > 0.5 * high


def test_ticks_are_round_ratios() -> None:
    assert [round(math.exp(tick), 6) for tick in ticks(-0.25, 0.45, 8)] == [0.8, 0.9, 1.0, 1.2, 1.5]
