"""Moderated variances against limma's published formulas (Smyth 2004, sections 3 and 6.2), computed here by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from dcgan.statistics.moderation import PRIOR_DF, Array, moderate, two_sided

# Variances of eight comparisons of five pairs each, none far from the others, all more unequal than chance makes them.
VARIANCES = [0.09, 0.4, 0.9, 1.3, 2.2, 3.1, 5.0, 7.5]
PAIRS = [5] * 8


def moments(variances: list[float], df: float) -> tuple[float, float]:
    """The prior by the moments of log variances: its degrees of freedom, before they are rounded, and its variance's
    logarithm as long as digamma(d0 / 2) - log(d0 / 2) is taken off."""
    logs = np.log(variances) - digamma(df / 2) + np.log(df / 2)
    count = len(variances)
    seen = float(np.sum((logs - logs.mean()) ** 2) / (count - 1)) * (1 + 0.5 * np.sqrt(2 / (count - 1)))
    left = seen - float(polygamma(1, df / 2))
    if left <= 0:
        return np.inf, float(logs.mean())
    return float(brentq(lambda d0: polygamma(1, d0 / 2) - left, 1e-3, 1e6)), float(logs.mean())


def one(variances: list[float], pairs: list[int]) -> tuple[Array, Array, float, float, list[bool]]:
    got = moderate(np.array([variances]), np.array(pairs))
    return got.se[0], got.df[0], float(PRIOR_DF[got.prior[0]]), float(got.scale[0]), got.shared[0].tolist()


def test_the_prior_and_the_posterior_are_limmas() -> None:
    fitted, log_scale = moments(VARIANCES, 4.0)
    prior = float(PRIOR_DF[fitted >= PRIOR_DF].max())
    scale = np.exp(log_scale + digamma(prior / 2) - np.log(prior / 2))
    posterior = (prior * scale + 4.0 * np.array(VARIANCES)) / (prior + 4.0)
    se, df, got_prior, got_scale, shared = one(VARIANCES, PAIRS)
    assert all(shared)
    assert 1.0 < fitted < 12.0  # a case that shrinks and does not pool entirely
    assert got_prior == prior
    assert got_scale == pytest.approx(scale, rel=1e-12)
    assert df == pytest.approx([prior + 4.0] * 8)
    assert se == pytest.approx(np.sqrt(np.maximum(posterior, VARIANCES) / 5), rel=1e-12)


def test_a_variance_is_raised_and_never_lowered() -> None:
    se, *_ = one(VARIANCES, PAIRS)
    seen = np.sqrt(np.array(VARIANCES) / 5)
    assert np.all(se >= seen * (1 - 1e-12))
    assert se[0] > 1.3 * seen[0]
    assert se[-1] == pytest.approx(seen[-1], rel=1e-12)


def test_equal_variances_make_an_infinite_prior_and_normal_tails() -> None:
    got = moderate(np.full((1, 6), 2.0), np.full(6, 4))
    assert np.isinf(PRIOR_DF[got.prior[0]])
    assert np.all(np.isinf(got.df))
    # From equal s^2 the prior's variance is theirs, less what the mean log of a chi-square takes off: above 2.
    assert got.scale[0] == pytest.approx(2.0 * np.exp(-digamma(1.5) + np.log(1.5)), rel=1e-5)
    means = np.full((1, 6), 1.7)
    assert got.p(means)[0] == pytest.approx(2 * stats.norm.sf(1.7 / got.se[0]), rel=1e-4)


def test_one_spread_far_above_the_others_is_left_out_and_keeps_its_own() -> None:
    others = [0.8, 0.9, 1.0, 1.1, 1.2, 1.0, 0.95, 1.05]
    se, df, prior, scale, shared = one([*others, 300.0], [4] * 9)
    assert shared == [True] * 8 + [False]
    assert se[-1] == pytest.approx(np.sqrt(300.0 / 4), rel=1e-12)
    assert df[-1] == 3.0
    # The others are nearly equal, but one of nine that is not says that spreads differ: two degrees of freedom at most.
    assert prior == 2.0
    assert scale == pytest.approx(
        np.exp(np.mean(np.log(others)) - digamma(1.5) + np.log(1.5) + digamma(1.0)), rel=1e-12
    )
    assert se[:-1] == pytest.approx(np.sqrt(np.maximum((2 * scale + 3 * np.array(others)) / 5, others) / 4), rel=1e-12)


@pytest.mark.parametrize(
    ("comparisons", "odd", "most"),
    [
        (11, 0, np.inf),
        (11, 1, 4.0),
        (11, 2, 2.0),
        (11, 3, 1.0),
        (5, 1, 2.0),
        (3, 1, 1.0),
        (30, 1, np.inf),
        (200, 10, np.inf),
    ],
)
def test_spreads_that_were_left_out_allow_the_prior_few_degrees_of_freedom(
    comparisons: int, odd: int, most: float
) -> None:
    variances = [1.0] * (comparisons - odd) + [300.0 * 2**place for place in range(odd)]
    *_, prior, _, shared = one(variances, [4] * comparisons)
    assert (prior, sum(shared)) == (most, comparisons - odd)


def test_one_spread_far_below_the_others_is_raised() -> None:
    """A few close values by chance are what few pairs mislead by: that one is no spread of its own."""
    *_, shared = one([1e-4, 0.9, 1.0, 1.1, 1.2, 1.0], [4] * 6)
    assert all(shared)
    se, *_ = one([1e-4, 0.9, 1.0, 1.1, 1.2, 1.0], [4] * 6)
    assert se[0] > 3 * np.sqrt(1e-4 / 4)


def test_unequal_pairs_keep_their_own_degrees_of_freedom() -> None:
    pairs = np.array([3, 4, 5, 6, 8])
    got = moderate(np.array([[1.0, 1.2, 0.8, 1.1, 0.9]]), pairs)
    own = got.df[0] - (PRIOR_DF[got.prior[0]] if np.isfinite(PRIOR_DF[got.prior[0]]) else 0.0)
    assert np.all(np.isinf(got.df[0])) or own == pytest.approx(pairs - 1)
    wide = moderate(np.array([[0.05, 1.2, 7.0, 1.1, 0.3]]), pairs)
    assert np.isfinite(PRIOR_DF[wide.prior[0]])
    assert wide.df[0][wide.shared[0]] == pytest.approx(PRIOR_DF[wide.prior[0]] + (pairs - 1)[wide.shared[0]])


def test_many_studies_at_once_are_each_by_itself() -> None:
    random = np.random.default_rng(3)
    variances = random.chisquare(3, (40, 7)) / 3 * np.exp(random.normal(size=(40, 7)))
    together = moderate(variances, np.full(7, 4))
    for study in range(40):
        alone = moderate(variances[study : study + 1], np.full(7, 4))
        assert together.se[study] == pytest.approx(alone.se[0], rel=1e-12)
        assert together.prior[study] == alone.prior[0]


def test_the_prior_is_recovered_from_many_comparisons() -> None:
    """4,000 variances drawn from a prior of 4 degrees of freedom and variance 9."""
    random = np.random.default_rng(5)
    true = 9.0 * 4.0 / random.chisquare(4, 4000)
    *_, prior, scale, _ = one(list(true * random.chisquare(9, 4000) / 9), [10] * 4000)
    assert prior in (3.0, 4.0, 6.0)  # outlying variances are left out, which makes it a little narrower
    assert scale == pytest.approx(9.0, rel=0.15)


@pytest.mark.parametrize("df", [1.0, 3.0, 17.5])
def test_two_sided_p_is_students(df: float) -> None:
    t = np.array([0.0, 0.5, 2.0, 9.0, -2.0])
    assert two_sided(t, np.full(5, df)) == pytest.approx(2 * stats.t.sf(np.abs(t), df), rel=1e-9)
