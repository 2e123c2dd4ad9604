"""The names of scores, and which column of a table is one."""

from __future__ import annotations

import pytest

from dcgan.common.metrics import (
    CORE_METRICS,
    DIAGNOSTICS,
    GOALS,
    is_diagnostic,
    lowest,
    score_of,
    stands_beside,
    usual_scale,
    within,
)


def test_a_name_is_a_score_or_a_diagnostic() -> None:
    assert not set(GOALS) & set(DIAGNOSTICS)
    assert set(CORE_METRICS) <= set(GOALS)
    for name in GOALS:
        assert (score_of(name), stands_beside(name), is_diagnostic(name)) == (name, False, False)
    for name in DIAGNOSTICS:
        assert (score_of(name), stands_beside(name), is_diagnostic(name)) == (None, True, True)


@pytest.mark.parametrize(
    ("column", "score"),
    [
        ("FID", "fid"),
        ("fid_test_10k", "fid"),
        ("fid_test_10k_classifier_0a1b2c3d", "fid"),
        ("fid_infinity_test_10k", "fid_infinity"),
        ("modes_kl_test_10k", "modes_kl"),  # not that of `modes`, which is better the other way
        ("class_distance_test_10k", "class_distance"),
        ("fidelity", None),
        ("error", None),
        ("test_fid", None),
    ],
)
def test_a_score_may_be_named_with_its_protocol(column: str, score: str | None) -> None:
    assert score_of(column) == score
    assert not stands_beside(column)


@pytest.mark.parametrize(
    "column",
    [
        *("kid_sd", "isc_error", "fid_floor_test_10k", "kid_floor", "fid_seconds", "precision_bits", "Fid_SD"),
        *("fid_test_10k_sd", "memorisation_test_10k"),
    ],
)
def test_what_stands_beside_a_score_is_none(column: str) -> None:
    assert score_of(column) is None
    assert stands_beside(column)


@pytest.mark.parametrize("column", ["sd", "seconds", "error", "seconds_total"])
def test_what_is_of_no_score_stands_beside_none(column: str) -> None:
    assert score_of(column) is None
    assert not stands_beside(column)


@pytest.mark.parametrize(
    ("metric", "scale"),
    [
        *(("fid", "ratio"), ("FID_test_10k", "ratio"), ("class_distance_test_10k", "ratio"), ("kid", "difference")),
        *(("fid_infinity_test_10k", "difference"), ("fid_seconds", "difference"), ("error", "difference")),
    ],
)
def test_the_usual_scale_is_that_of_the_score(metric: str, scale: str) -> None:
    assert usual_scale(metric) == scale


@pytest.mark.parametrize("metric", ["fid", "FID_test_10k", "class_distance", "precision_test_10k", "isc", "modes_kl"])
def test_no_interval_of_a_score_that_is_never_negative_goes_below_0(metric: str) -> None:
    assert lowest(metric) == 0.0
    assert within((-3.0, 40.0), metric) == (0.0, 40.0)
    assert within((1.0, 40.0), metric) == (1.0, 40.0)


@pytest.mark.parametrize("metric", ["kid", "kid_test_10k", "fid_infinity", "my_score"])
def test_what_may_be_negative_keeps_its_interval(metric: str) -> None:
    assert lowest(metric) is None
    assert within((-3.0, 40.0), metric) == (-3.0, 40.0)
