"""Pooling against statsmodels, a published analysis, and simulated studies whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from dcgan.statistics.meta_analysis import between_variance, pool

# Thirteen trials of the BCG vaccine against tuberculosis, log relative risks and their variances: Berkey et al. (1995),
# as in Viechtbauer, "Conducting meta-analyses in R with the metafor package", J. Stat. Softw. 36 (2010).
BCG = [
    -0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394, 0.4459, -0.0173,
]  # fmt: skip
BCG_VARIANCES = [
    0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714,
]  # fmt: skip

studies = st.integers(2, 8).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3), min_size=k, max_size=k), st.lists(st.floats(0.02, 2), min_size=k, max_size=k)
    )
)


@given(studies)
def test_it_is_what_statsmodels_makes_of_the_same(given_studies: tuple[list[float], list[float]]) -> None:
    """But that the interval is never narrower than the studies' own standard errors allow."""
    effects, errors = given_studies
    pooled = pool(effects, errors)
    with np.errstate(all="ignore"):
        theirs = combine_effects(np.array(effects), np.square(errors), method_re="dl", use_t=False)
    assert pooled.q == pytest.approx(theirs.q, abs=1e-7)
    if theirs.q > 1e-9:
        assert pooled.i2 == pytest.approx(max(0.0, theirs.i2), abs=1e-9)
    test = theirs.test_homogeneity()
    assert (pooled.q_p, pooled.df) == (pytest.approx(test.pvalue, abs=1e-6), test.df)
    if theirs.tau2 > 1e-9:
        assert pooled.tau**2 == pytest.approx(theirs.tau2)
        assert pooled.effect == pytest.approx(theirs.mean_effect_re, abs=1e-9)
        assert pooled.weights == pytest.approx(theirs.weights_rel_re)
        assert pooled.se == pytest.approx(max(theirs.sd_eff_w_re_hksj, theirs.sd_eff_w_re), rel=1e-6)
    elif theirs.tau2 < 0:  # they leave it negative; then it is the analysis with fixed effects
        assert pooled.tau == 0.0
        assert pooled.effect == pytest.approx(theirs.mean_effect_fe, abs=1e-9)
        assert pooled.weights == pytest.approx(theirs.weights_rel_fe)
        assert pooled.se == pytest.approx(theirs.sd_eff_w_fe, rel=1e-9)


def test_the_interval_is_that_of_hartung_and_knapp_where_effects_differ() -> None:
    pooled = pool(BCG, np.sqrt(BCG_VARIANCES).tolist())
    theirs = combine_effects(np.array(BCG), np.array(BCG_VARIANCES), method_re="dl", use_t=True)
    assert pooled.interval == pytest.approx(theirs.conf_int(use_t=True)[3], rel=1e-9)
    assert pooled.equivalence == pytest.approx(theirs.conf_int(alpha=0.1, use_t=True)[3], rel=1e-9)


def test_the_bcg_trials_come_to_what_was_published() -> None:
    pooled = pool(BCG, np.sqrt(BCG_VARIANCES).tolist())
    assert pooled.effect == pytest.approx(-0.714, abs=5e-4)
    assert pooled.tau**2 == pytest.approx(0.309, abs=1e-3)
    assert pooled.i2 == pytest.approx(0.921, abs=1e-3)
    assert pooled.q == pytest.approx(152.2, abs=0.5)
    assert (pooled.studies, pooled.df) == (13, 12)


def test_an_example_by_hand() -> None:
    """Effects 0 and 1 with errors 0.5: Q = 2, tau^2 = 0.25, weights 2; se^2 = 0.5^2, t(0.975, 1) = 12.706."""
    pooled = pool([0.0, 1.0], [0.5, 0.5])
    assert (pooled.effect, pooled.tau, pooled.q, pooled.i2) == pytest.approx((0.5, 0.5, 2.0, 0.5))
    assert pooled.se == pytest.approx(0.5)
    assert pooled.interval == pytest.approx((0.5 - 12.7062 * 0.5, 0.5 + 12.7062 * 0.5), rel=1e-5)
    assert pooled.p == pytest.approx(0.5)  # Student's t with 1 degree of freedom at 1
    assert pooled.direction == pytest.approx(0.75)
    assert pooled.prediction is None


def test_the_prediction_of_a_further_study_is_wider_than_the_interval_of_the_mean() -> None:
    pooled = pool([0.0, 1.0, 0.2, 0.4], [0.1, 0.1, 0.2, 0.2])
    assert pooled.prediction is not None
    half = 4.302653 * math.hypot(pooled.se, pooled.tau)  # t(0.975, k - 2)
    assert pooled.prediction == pytest.approx((pooled.effect - half, pooled.effect + half), rel=1e-6)
    assert pooled.prediction[0] < pooled.interval[0] < pooled.interval[1] < pooled.prediction[1]


def test_effects_that_coincide_are_not_surer_than_their_errors() -> None:
    pooled = pool([0.3, 0.3, 0.3], [0.1, 0.1, 0.1])
    assert (pooled.tau, pooled.i2, pooled.q, pooled.q_p) == pytest.approx((0, 0, 0, 1), abs=1e-12)
    assert pooled.se == pytest.approx(0.1 / math.sqrt(3))


def test_the_other_way_round_is_the_same_with_the_opposite_sign() -> None:
    there, back = pool([0.1, 0.5, 0.2], [0.1, 0.2, 0.1]), pool([-0.1, -0.5, -0.2], [0.1, 0.2, 0.1])
    assert there.effect == -back.effect
    assert there.interval == (-back.interval[1], -back.interval[0])
    assert (there.p, there.tau, there.i2) == (back.p, back.tau, back.i2)


def test_no_variance_between_studies_is_negative() -> None:
    assert between_variance([1.0, 1.1], [1.0, 1.0]) == 0.0


@pytest.mark.parametrize(("studies", "tau"), [(2, 0.0), (3, 0.1), (5, 0.3)])
def test_the_interval_holds_the_true_mean_with_errors_that_few_seeds_show(studies: int, tau: float) -> None:
    """95 % of the intervals or more, though the errors are estimates with 7 degrees of freedom themselves."""
    random, trials, held = np.random.default_rng(3), 800, 0
    for _ in range(trials):
        errors = 0.1 * np.exp(random.normal(0, 0.3, studies))
        effects = random.normal(0, tau, studies) + random.normal(0, errors)
        seen = errors * np.sqrt(random.chisquare(7, studies) / 7)
        low, high = pool(effects.tolist(), seen.tolist()).interval
        held += low <= 0.0 <= high
    assert held / trials > 0.93  # 2.6 standard errors below 95 %


@pytest.mark.parametrize(
    ("effects", "errors"),
    [([1.0], [0.1]), ([1.0, 2.0], [0.1]), ([1.0, 2.0], [0.1, 0.0]), ([1.0, 2.0], [0.1, math.inf])],
)
def test_what_cannot_be_pooled_is_refused(effects: list[float], errors: list[float]) -> None:
    with pytest.raises(ValueError, match="expected two or more, each with an error > 0"):
        pool(effects, errors)
