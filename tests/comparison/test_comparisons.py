"""Arms against the baseline, on either scale and by the method that their runs allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from scipy import stats

from dcgan.comparison.analysis import analyse
from dcgan.comparison.comparisons import Comparison
from dcgan.report import from_csv

Write = Callable[..., Path]


def _by_arm(path: Path, **options: str) -> dict[str, Comparison]:
    analysis = analyse(from_csv(path), **options)  # type: ignore[arg-type]
    return {comparison.arm.arm: comparison for comparison in analysis.comparisons}


def test_a_distance_is_compared_by_ratios_and_its_difference_stays_in_its_units(csv_file: Write) -> None:
    rows = ["bare,0,20", "bare,1,30", "bare,2,25", "x,0,40", "x,1,63", "x,2,50"]
    comparison = _by_arm(csv_file("arm,seed,fid", *rows))["x"]
    logs = [math.log(2.0), math.log(2.1), math.log(2.0)]
    assert comparison.estimate.effect == pytest.approx(sum(logs) / 3)
    assert comparison.estimate.p == pytest.approx(stats.ttest_1samp(logs, 0).pvalue)
    assert comparison.paired.difference == pytest.approx((20 + 33 + 25) / 3)
    assert comparison.paired.p == pytest.approx(stats.ttest_1samp([20, 33, 25], 0).pvalue)
    assert comparison.verdict == "hurts"


def test_other_metrics_are_compared_by_differences(csv_file: Write) -> None:
    path = csv_file("arm,seed,kid", "bare,0,-0.1", "bare,1,0.2", "bare,2,0", "x,0,0.9", "x,1,1.3", "x,2,1.1")
    estimate = _by_arm(path)["x"].estimate
    assert estimate.effect == pytest.approx(1.0 + 0.2 / 3)
    assert estimate.reason == ""


def test_a_value_without_a_logarithm_leaves_its_comparison_open_with_the_reason(csv_file: Write) -> None:
    path = csv_file(
        "arm,seed,fid", "bare,0,20", "bare,1,30", "bare,2,31", "x,0,0", "x,1,60", "x,2,50", "y,0,40", "y,1,61", "y,2,62"
    )
    arms = _by_arm(path)
    assert (arms["x"].verdict, arms["x"].estimate.p) == ("inconclusive", None)
    assert "a score of 0 has no logarithm" in arms["x"].estimate.reason
    assert arms["y"].estimate.p is not None
    assert _by_arm(path, scale="difference")["x"].estimate.p is not None


def test_arms_without_a_common_seed_are_compared_unpaired(csv_file: Write) -> None:
    path = csv_file("arm,seed,kid", "a,0,1", "a,1,2", "a,2,3.5", "b,3,11", "b,4,12.5", "b,5,13")
    comparison = _by_arm(path)["b"]
    assert comparison.estimate.method == "unpaired"
    expected = stats.ttest_ind([11, 12.5, 13], [1, 2, 3.5], equal_var=False).pvalue
    assert comparison.estimate.p == pytest.approx(expected)
    assert comparison.verdict == "hurts"


def _family(arms: int, missing: str = "") -> list[str]:
    """Arms that differ by chance and `arm0` that is a quarter better; rows whose text begins with `missing` left out."""
    rows = [f"bare,{seed},{20 + seed}" for seed in range(4)]
    for arm in range(arms):
        for seed in range(4):
            noise = 1 + 0.02 * ((seed * 7 + arm * 5) % 4 - 1.5)
            rows.append(f"arm{arm},{seed},{(20 + seed) * noise * (0.75 if arm == 0 else 1.0):.6g}")
    return [row for row in rows if not missing or not row.startswith(missing)]


def test_three_arms_or_more_share_their_spreads_and_fewer_do_not(csv_file: Write) -> None:
    many = _by_arm(csv_file("arm,seed,fid", *_family(6)))
    assert {comparison.estimate.method for comparison in many.values()} == {"moderated"}
    assert many["arm0"].verdict == "helps"
    few = _by_arm(csv_file("arm,seed,fid", *_family(2)))
    assert {comparison.estimate.method for comparison in few.values()} == {"paired"}


def test_arms_that_were_planned_with_other_seeds_are_compared_by_their_own_spread(csv_file: Write) -> None:
    arms = _by_arm(csv_file("arm,seed,fid", *_family(6, missing="arm3,3")))
    assert {comparison.estimate.method for comparison in arms.values()} == {"paired"}


def test_a_lost_run_leaves_the_others_their_spreads(csv_file: Write) -> None:
    rows = [f"{row},finished" for row in _family(6, missing="arm3,3")]
    arms = _by_arm(csv_file("arm,seed,fid,status", *rows, "arm3,3,,diverged"))
    assert {comparison.estimate.method for comparison in arms.values()} == {"moderated"}
    assert [comparison.estimate.pairs for comparison in arms.values()] == [4, 4, 4, 3, 4, 4]


def test_the_direction_is_the_probability_of_the_sign_seen(csv_file: Write) -> None:
    path = csv_file("arm,seed,kid", "a,0,1", "a,1,2", "a,2,3", "b,0,1.5", "b,1,2.1", "b,2,3.9")
    estimate = _by_arm(path)["b"].estimate
    assert estimate.direction == pytest.approx(1 - stats.ttest_1samp([0.5, 0.1, 0.9], 0).pvalue / 2)
