"""The simulated largest |t| against Dunnett's test, against a second simulation and against itself."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics import step_down
from dcgan.statistics.moderation import PRIOR_DF, Array, moderate

INFINITE = len(PRIOR_DF) - 1
SEEDS = 150  # as good as known spreads
BAD = 0.01  # two simulations of a p of 20,000 studies each differ by more only where something is wrong


def standardised(count: int, mean: float, random: np.random.Generator) -> Array:
    """Values with exactly that mean and a variance of exactly 1."""
    values = random.standard_normal(count)
    return np.asarray((values - values.mean()) / values.std(ddof=1) + mean)


def test_with_equal_spreads_and_many_seeds_it_is_dunnetts_test() -> None:
    """Pairing adds nothing where the seeds have nothing in common: all four arms share the baseline's mean."""
    random = np.random.default_rng(0)
    means = np.array([0.19, 0.16, 0.1, 0.02])
    dunnett = stats.dunnett(
        *(standardised(SEEDS, mean, random) for mean in means), control=standardised(SEEDS, 0.0, random), random_state=1
    )
    t = means / np.sqrt(2 / SEEDS)
    assert np.asarray(dunnett.statistic) == pytest.approx(t, rel=1e-6)
    largest = step_down.null((SEEDS,) * 4, INFINITE).max(axis=0)
    ours = [float(np.mean(largest >= each)) for each in t]
    assert ours == pytest.approx(np.asarray(dunnett.pvalue), abs=0.015)
    # The largest is not helped by stepping down; the oddly spread arm makes it larger by as much as independence does,
    # and by what four comparisons lose where one of them is left out by chance.
    adjusted = step_down.adjust(t[None], np.array([INFINITE]), (SEEDS,) * 4)[0]
    assert dunnett.pvalue[0] - BAD < adjusted[0] < dunnett.pvalue[0] + 0.03 + BAD
    assert adjusted[0] < 4 * 2 * stats.norm.sf(t[0])  # below Bonferroni's
    assert np.all(adjusted[1:] < np.asarray(dunnett.pvalue)[1:])  # stepping down gains


def test_the_smallest_of_all_is_left_with_its_own_p() -> None:
    """Once all others are rejected, the last is judged by one comparison alone."""
    t = np.array([[9.0, 8.0, 7.5, 2.1]])
    adjusted = step_down.adjust(t, np.array([INFINITE]), (SEEDS,) * 4)[0]
    assert adjusted[3] == pytest.approx(2 * stats.norm.sf(2.1), abs=BAD)
    assert adjusted[0] == pytest.approx(1 / 20_001)  # never 0


@pytest.mark.parametrize("prior", [0, 4, INFINITE])
def test_adjusted_p_follow_the_order_of_t_and_of_the_family(prior: int) -> None:
    random = np.random.default_rng(7)
    t = np.abs(random.standard_normal((30, 6))) * 3
    adjusted = step_down.adjust(t, np.full(30, prior), (4,) * 6)
    for row, p in zip(t, adjusted, strict=True):
        assert np.all(np.diff(p[np.argsort(-row)]) >= 0)
        assert np.all((p > 0) & (p <= 1))
    fewer = step_down.adjust(t[:, :4], np.full(30, prior), (4,) * 4)
    largest = t[:, :4].max(axis=1) >= t.max(axis=1)  # the largest of both families is the same one
    assert largest.any()
    assert np.all(fewer.min(axis=1)[largest] <= adjusted.min(axis=1)[largest] + BAD)


def test_equal_and_unequal_pairs_are_the_same_procedure() -> None:
    """The path of unequal pairs, given equal ones; and one pair lost of forty."""
    t = np.array([5.2, 0.4, 3.6, 2.9, 1.7])
    equal = step_down.adjust(t[None], np.array([4]), (5,) * 5)[0]
    assert step_down._adjust_one(t, 4, (5,) * 5) == pytest.approx(equal, abs=BAD)
    many = step_down.adjust(t[None] / 2, np.array([4]), (40,) * 5)[0]
    assert step_down.adjust(t[None] / 2, np.array([4]), (40, 40, 39, 40, 40))[0] == pytest.approx(many, abs=BAD)


def test_fewer_pairs_make_p_larger() -> None:
    t = np.array([[3.5, 3.4, 1.0, 0.5]])
    eight = step_down.adjust(t, np.array([3]), (8,) * 4)[0]
    some = step_down.adjust(t, np.array([3]), (8, 3, 8, 8))[0]
    assert some[1] > eight[1] + 0.02


def test_the_same_runs_give_the_same_bytes() -> None:
    t, prior, pairs = np.array([[4.0, 2.5, 1.0, 0.2]]), np.array([3]), (4, 4, 3, 4)
    first = step_down.adjust(t, prior, pairs).tobytes(), step_down.null((4,) * 4, 3, 0).tobytes()
    step_down.null.cache_clear()
    step_down._largest_of_first.cache_clear()
    assert (step_down.adjust(t, prior, pairs).tobytes(), step_down.null((4,) * 4, 3, 0).tobytes()) == first


def test_p_is_the_larger_one_of_both_nulls() -> None:
    """At four seeds and a narrow prior an odd arm is found too often: allowing for it makes p larger."""
    pairs, t = (4,) * 11, 4.5
    without = float(np.mean(step_down.null(pairs, 7).max(axis=0) >= t))
    with_odd = float(np.mean(step_down.null(pairs, 7, 0).max(axis=0) >= t))
    adjusted = float(step_down.adjust(np.array([[t] + [0.1] * 10]), np.array([7]), pairs)[0, 0])
    assert with_odd > without + 0.01
    assert adjusted == pytest.approx(with_odd, abs=1e-4)


@pytest.mark.parametrize("pairs", [(4,) * 6, (4, 3, 4, 4, 3, 4)])
def test_critical_values_are_where_p_is_alpha(pairs: tuple[int, ...]) -> None:
    for prior in (2, INFINITE):
        value = step_down.critical_value(prior, pairs, 0.05)
        for index in range(6):
            t = np.full((1, 6), 0.01)
            t[0, index] = value + 1e-6
            assert step_down.adjust(t, np.array([prior]), pairs)[0, index] <= 0.05 + 1e-3
        below = np.array([[value * 0.97, *[0.01] * 5]])
        assert (
            max(step_down.adjust(np.roll(below, shift), np.array([prior]), pairs)[0].min() for shift in range(2)) > 0.05
        )


def test_fewer_comparisons_left_have_a_lower_hurdle() -> None:
    pairs = (4,) * 6
    every = step_down.critical_value_of(3, pairs, 0.05, np.arange(6))
    assert every == step_down.critical_value(3, pairs, 0.05)
    assert step_down.critical_value_of(3, pairs, 0.05, np.arange(2)) < every


def test_no_effect_is_said_with_a_noisy_baseline_in_mind() -> None:
    """Eleven differences that share a baseline six times as wide tell little more of their spread than one does."""
    pairs = (4,) * 11
    usual = step_down.single_value(INFINITE, pairs, 0, 0.1)
    random = np.random.default_rng(3)
    differences = random.standard_normal((20_000, 11, 4)) - 6.0 * random.standard_normal((20_000, 1, 4))
    moderated = moderate(differences.var(axis=2, ddof=1), np.array(pairs))
    t = np.abs(differences.mean(axis=2)) / moderated.se
    assert step_down.single_value(INFINITE, pairs, 0, 0.1, 6.0) == pytest.approx(np.quantile(t, 0.9), rel=0.03)
    assert step_down.equivalence_value(INFINITE, pairs, 0, 0.1) == pytest.approx(
        max(usual, np.quantile(t, 0.9)), rel=0.03
    )
    assert np.quantile(t, 0.9) > 1.05 * usual


def test_single_values_and_p_are_inverse_and_near_students() -> None:
    pairs = (6,) * 5
    value = step_down.single_value(INFINITE, pairs, 2, 0.05)
    assert step_down.single_p(value, INFINITE, pairs, 2) == pytest.approx(0.05, abs=1e-3)
    assert stats.norm.isf(0.025) * 0.85 < value < stats.t.isf(0.025, 5)


def test_the_null_is_that_of_arms_that_share_a_baseline() -> None:
    """Signs are lost in |t|, so by squares: corr(t1^2, t2^2) = rho^2 = 1/4 with spreads known and equal."""
    null = step_down.null((SEEDS,) * 4, INFINITE)
    assert np.corrcoef(null[0] ** 2, null[1] ** 2)[0, 1] == pytest.approx(0.25, abs=0.04)
    odd = step_down.null((SEEDS,) * 4, INFINITE, 0)
    assert np.corrcoef(odd[0] ** 2, odd[1] ** 2)[0, 1] < 0.05  # of the wide arm the baseline is a small part
    assert np.mean(null[0] > stats.norm.isf(0.025)) == pytest.approx(0.05, abs=0.008)


def test_many_comparisons_are_simulated_in_fewer_studies() -> None:
    assert step_down.null((3,) * 4, 5).shape == (4, 20_000)
    assert step_down.null((3,) * 100, 5).shape == (100, 10_000)


@pytest.mark.parametrize(("odd", "baseline"), [(None, 1.0), (1, 1.0), (None, 6.0)])
def test_the_null_is_that_of_runs_drawn_one_by_one(odd: int | None, baseline: float) -> None:
    """With nested seeds, unequal numbers of them down to two, spreads from a prior; alone and as the largest."""
    pairs, prior, studies = (4, 2, 7, 7), 4, 40_000
    random = np.random.default_rng(11)
    spread = np.sqrt(PRIOR_DF[prior] / random.chisquare(PRIOR_DF[prior], (studies, 4)))
    shared = random.standard_normal((studies, 7)) * baseline
    arms = [random.standard_normal((studies, k)) for k in pairs]
    differences = [
        own * step_down.ODD * np.sqrt(2) if index == odd else own * spread[:, index, None] - shared[:, : own.shape[1]]
        for index, own in enumerate(arms)
    ]
    variances = np.stack([each.var(axis=1, ddof=1) for each in differences], axis=1)
    means = np.stack([each.mean(axis=1) for each in differences], axis=1)
    drawn = (np.abs(means) / moderate(variances, np.array(pairs)).se).T
    null = step_down.null(pairs, prior, odd, baseline)
    for ours, theirs in [*zip(null, drawn, strict=True), (null[2:].max(axis=0), drawn[2:].max(axis=0))]:
        assert stats.ks_2samp(ours, theirs).statistic < 0.018  # 1.36 sqrt(1 / 20,000 + 1 / 40,000) is 0.012


def test_many_seeds_need_no_more_room_than_few() -> None:
    tracemalloc.start()
    step_down.null.__wrapped__((1000,) * 9, 5)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50e6, "one arm's runs alone would be 160 MB"
