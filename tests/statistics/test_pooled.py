"""The error of orthogonal designs against a randomised block analysis, Satterthwaite's rule and simulated studies."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.linalg import hadamard
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from dcgan.statistics import paired
from dcgan.statistics.moderation import Array
from dcgan.statistics.pooled import effect, pooled_error

SIGNS = hadamard(8)[:, 1:]  # eight arms, seven factors


def study(seed: int = 0, seeds: int = 3, spread: float = 0.1) -> Array:
    """Log scores of eight arms, with blocks, effects of the first two factors, and unequal spreads."""
    random = np.random.default_rng(seed)
    spreads = spread * np.exp(0.5 * random.standard_normal((8, 1)))
    means = 3.4 + 0.5 * (0.3 * SIGNS[:, 0] - 0.2 * SIGNS[:, 1])
    return np.asarray(
        means[:, None] + 0.2 * random.standard_normal((1, seeds)) + spreads * random.standard_normal((8, seeds))
    )


def scores(values: Array) -> dict[str, dict[int, float]]:
    return {f"arm-{arm}": dict(enumerate(map(float, row))) for arm, row in enumerate(values)}


def code(factor: int, arms: int = 8) -> dict[str, int]:
    return {f"arm-{arm}": int(SIGNS[arm, factor]) for arm in range(arms)}


def test_the_mean_square_is_that_of_a_randomised_block_analysis() -> None:
    values = study()
    table = pd.DataFrame(
        [(arm, seed, values[arm, seed]) for arm in range(8) for seed in range(3)], columns=["arm", "seed", "score"]
    )
    anova = anova_lm(ols("score ~ C(arm) + C(seed)", table).fit())
    square, df = pooled_error(values[None])
    assert square[0] == pytest.approx(anova.loc["Residual", "mean_sq"], rel=1e-9)
    assert 2.0 <= df[0] <= anova.loc["Residual", "df"]


def test_an_effect_is_the_regressions_with_that_error() -> None:
    values = study()
    table = pd.DataFrame(
        [(*SIGNS[arm] / 2, seed, values[arm, seed]) for arm in range(8) for seed in range(3)],
        columns=[*(f"x{factor}" for factor in range(7)), "seed", "score"],
    )
    fit = ols("score ~ C(seed) + " + " + ".join(f"x{factor}" for factor in range(7)), table).fit()
    for factor in range(7):
        ours = effect(code(factor), scores(values), "difference")
        assert ours.effect == pytest.approx(fit.params[f"x{factor}"], rel=1e-9, abs=1e-12)
        assert ours.se == pytest.approx(fit.bse[f"x{factor}"], rel=1e-9)
        assert ours.df is not None and ours.se is not None and ours.effect is not None
        assert ours.p == pytest.approx(2 * stats.t.sf(abs(ours.effect / ours.se), ours.df), rel=1e-9)
        half = stats.t.isf(0.025, ours.df) * ours.se
        assert ours.interval == pytest.approx((ours.effect - half, ours.effect + half))
        assert ours.direction == pytest.approx(stats.t.cdf(abs(ours.effect / ours.se), ours.df))


def test_equal_noise_has_all_degrees_of_freedom_and_one_noisy_arm_only_its_own() -> None:
    residuals = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]] * 4)
    square, df = pooled_error(residuals[None])
    assert df[0] == 14.0
    assert square[0] == pytest.approx(16.0 / 14.0)
    random = np.random.default_rng(1)
    noisy = 1e-6 * random.standard_normal((1, 8, 5))
    noisy[0, 3] = random.standard_normal(5)
    # One arm's noise of k arms: a residual of 1 - 1/k of it there, and -1/k of it in all others.
    shares = np.array([(1 - 1 / 8) ** 2] + [1 / 64] * 7)
    assert pooled_error(noisy)[1][0] == pytest.approx(4 * np.sum(shares) ** 2 / np.sum(shares**2), rel=1e-4)


def test_degrees_of_freedom_are_satterthwaites() -> None:
    """(sum v)^2 / sum(v^2 / df), v the arms' own mean squares, brute force."""
    values = study(seeds=4)
    residuals = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    own = [float(np.sum(row**2)) / (3 * (1 - 1 / 8)) for row in residuals]
    assert pooled_error(values[None])[1][0] == pytest.approx(sum(own) ** 2 / sum(v**2 / 3 for v in own), rel=1e-9)


@pytest.mark.parametrize("seeds", [2, 3, 6])
def test_degrees_of_freedom_stay_within_satterthwaites_bounds(seeds: int) -> None:
    random = np.random.default_rng(seeds)
    values = random.standard_normal((500, 6, seeds)) * np.exp(2 * random.standard_normal((500, 6, 1)))
    square, df = pooled_error(values)
    assert np.all((df >= seeds - 1) & (df <= 5 * (seeds - 1)))
    assert df.min() < 2 * (seeds - 1)
    equal = pooled_error(random.standard_normal((500, 6, seeds)))[1]
    assert np.median(equal) > 1.3 * np.median(df)
    assert np.all(square > 0)


def test_the_mean_square_estimates_the_mean_of_the_arms_variances() -> None:
    random = np.random.default_rng(4)
    sd = np.array([0.2, 0.5, 1.0, 3.0])
    values = random.standard_normal((20_000, 4, 3)) * sd[None, :, None]
    assert pooled_error(values)[0].mean() == pytest.approx(np.mean(sd**2), rel=0.03)


def test_two_arms_are_a_paired_t_test() -> None:
    values = study(seeds=5)[:2]
    ours = effect({"arm-0": -1, "arm-1": 1}, scores(values), "difference")
    theirs = stats.ttest_rel(values[1], values[0])
    assert (ours.p, ours.df) == pytest.approx((theirs.pvalue, 4.0), rel=1e-9)
    assert ours.interval == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-9)


def test_arms_that_say_nothing_of_it_are_left_out_and_only_whole_seeds_count() -> None:
    values = study(seeds=4)
    table = scores(values)
    del table["arm-5"][2]
    whole = effect(code(0), table, "difference")
    assert sorted(whole.differences) == [0, 1, 3]
    three = effect(code(0), scores(values[:, [0, 1, 3]]), "difference")
    assert (whole.effect, whole.se, whole.df, whole.p) == (three.effect, three.se, three.df, three.p)
    del table["arm-0"]
    five = {arm: sign for arm, sign in code(0).items() if arm != "arm-0"}  # unequal halves: 3 and 4 arms
    uneven = effect(five, table, "difference")
    rest = values[1:][:, [0, 1, 3]]
    square = pooled_error(rest[None])[0][0]
    assert uneven.se == pytest.approx(math.sqrt(square * (1 / 3 + 1 / 4) / 3), rel=1e-9)


def test_the_ratio_scale_is_that_of_logarithms() -> None:
    values = study()
    there = effect(code(0), scores(values), "difference")
    ours = effect(code(0), scores(np.exp(values)), "ratio")
    assert (ours.effect, ours.se, ours.p) == pytest.approx((there.effect, there.se, there.p), rel=1e-9)
    table = scores(np.exp(values))
    table["arm-2"][0] = 0.0
    refused = effect(code(0), table, "ratio")
    assert refused.p is None and refused.effect is None and "no logarithm" in refused.reason


def test_bad_input_is_never_a_p() -> None:
    values = study()
    one = effect(code(0), scores(values[:, :1]), "difference")
    assert one.effect is not None and (one.p, one.se, one.interval) == (None, None, None)
    none = effect(code(0), {**scores(values), "arm-1": {}}, "difference")
    assert (none.effect, none.p, none.pairs) == (None, None, 0)
    same = effect(code(0), scores(np.full((8, 3), 0.1)), "difference")
    assert (same.effect, same.p) == (0.0, 1.0)
    steps = effect(code(0), scores(np.repeat(SIGNS[:, :1] * 1.0, 3, axis=1)), "difference")
    assert (steps.effect, steps.p, steps.interval) == (2.0, None, None)


def test_one_noisy_arm_is_not_found() -> None:
    """Two seeds seldom show it: the degrees of freedom have to be cautious beforehand."""
    random = np.random.default_rng(13)
    values = random.standard_normal((3000, 8, 2))
    values[:, 0] *= 6
    square, df = pooled_error(values)
    t = np.abs(np.einsum("af,sar->sf", SIGNS, values) / 8) / np.sqrt(square / 4)[:, None]
    assert np.mean(2 * stats.t.sf(t, df[:, None]).min(axis=1) < 0.05 / 7) < 0.065


def test_the_other_arms_degrees_of_freedom_count_in_planning() -> None:
    ours = effect(code(0), scores(study()), "difference")
    assert ours.df is not None and ours.df > 2
    assert ours.prior_df == ours.df - 2


@pytest.mark.parametrize(("sigma", "seeds", "limit"), [(0.0, 2, 0.07), (0.5, 2, 0.07), (1.0, 3, 0.08)])
def test_the_family_wise_error_and_coverage_of_simulated_designs(sigma: float, seeds: int, limit: float) -> None:
    random = np.random.default_rng(12)
    values = random.standard_normal((3000, 8, seeds)) * np.exp(sigma * random.standard_normal((3000, 8, 1)))
    square, df = pooled_error(values)
    means = np.einsum("af,sar->sf", SIGNS, values) / (4 * seeds)
    t = np.abs(means) / np.sqrt(square * 0.5 / seeds)[:, None]
    p = 2 * stats.t.sf(t, df[:, None])
    assert np.mean(p.min(axis=1) < 0.05 / 7) < limit  # Holm's procedure finds one where Bonferroni's does
    assert 0.92 < np.mean(p > 0.05) < 0.98
    assert paired.holm(p[0].tolist())[int(p[0].argmin())] == pytest.approx(min(1.0, 7 * p[0].min()))
