"""Ratios and differences: the scale of each metric, margins and means."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from dcgan.common.metrics import GOALS, SCALES, usual_scale
from dcgan.statistics.scale import has_logarithms, margin_on_scale, mean_on_scale, on_scale


def test_distances_are_ratios_and_all_others_differences() -> None:
    assert {name for name in GOALS if usual_scale(name) == "ratio"} == {"fid", "class_distance"}
    assert usual_scale("FID") == usual_scale("fid_test") == "ratio"
    assert usual_scale("fid_infinity") == usual_scale("kid") == "difference"  # either may be negative
    assert usual_scale("loss") == usual_scale("") == "difference"


def test_ratios_are_differences_of_natural_logarithms() -> None:
    arm, baseline = on_scale({3: 60.0, 1: 30.0}, "ratio"), on_scale({3: 30.0, 1: 30.0}, "ratio")
    assert arm[3] - baseline[3] == pytest.approx(math.log(2))
    assert arm[1] == baseline[1]
    assert list(arm) == [3, 1]
    scores = {0: -2.0, 1: 0.0}
    assert on_scale(scores, "difference") == scores
    assert on_scale(scores, "difference") is not scores


@pytest.mark.parametrize("value", [0.0, -1e-9])
def test_what_has_no_logarithm_is_known_and_refused(value: float) -> None:
    assert not has_logarithms({0: 1.0, 1: value})
    with pytest.raises(ValueError, match="math domain|positive"):
        on_scale({0: value}, "ratio")
    assert has_logarithms({0: 1e-300}) and has_logarithms({})


def test_a_margin_is_a_share_of_the_score() -> None:
    assert margin_on_scale(0.05, "ratio", None) == pytest.approx(math.log(1.05))
    assert margin_on_scale(0.05, "ratio", 30.0) == pytest.approx(math.log(1.05))
    assert margin_on_scale(0.05, "difference", -30.0) == pytest.approx(1.5)
    assert margin_on_scale(0.05, "difference", None) is None
    assert margin_on_scale(0.0, "ratio", 1.0) == 0.0


def test_arms_are_ranked_by_the_mean_of_their_scale() -> None:
    values = [12.0, 30.0, 75.0]
    assert mean_on_scale(values, "ratio") == pytest.approx(stats.gmean(values))
    assert mean_on_scale(values, "difference") == pytest.approx(39.0)
    assert mean_on_scale([*values, 0.0], "ratio") == pytest.approx(29.25)
    assert SCALES == ("ratio", "difference")
