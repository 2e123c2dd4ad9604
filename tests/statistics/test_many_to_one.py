"""Families of comparisons: which method they get, that it is scipy's where it is a plain one, and what bad input does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dcgan.statistics import paired, step_down
from dcgan.statistics.many_to_one import FEWEST_SHARED, compare_all, from_paired
from dcgan.statistics.verdicts import Estimate

Scores = dict[int, float]


def family(arms: int, seeds: int, random_seed: int = 0, effects: tuple[float, ...] = ()) -> tuple[list[Scores], Scores]:
    """Arms with scores near 30 and the same spread; `effects` are shares that multiply the first ones."""
    random = np.random.default_rng(random_seed)
    factors = [*effects, *[1.0] * (arms - len(effects))]
    made = [dict(enumerate(30 * factor * np.exp(0.1 * random.standard_normal(seeds)))) for factor in factors]
    return made, dict(enumerate(30 * np.exp(0.1 * random.standard_normal(seeds))))


def logs(scores: Scores) -> list[float]:
    return [math.log(value) for value in scores.values()]


def methods(estimates: list[Estimate]) -> set[str]:
    return {estimate.method for estimate in estimates}


def test_two_comparisons_are_plain_paired_t_tests_with_holm() -> None:
    arms, baseline = family(2, 5, effects=(1.4,))
    theirs = [stats.ttest_rel(logs(arm), logs(baseline)) for arm in arms]
    ours = compare_all(arms, baseline, "ratio")
    assert methods(ours) == {"paired"}
    assert [each.p for each in ours] == pytest.approx([each.pvalue for each in theirs], rel=1e-9)
    assert [each.p_adjusted for each in ours] == pytest.approx(paired.holm([float(each.pvalue) for each in theirs]))
    for mine, reference in zip(ours, theirs, strict=True):
        assert mine.interval == pytest.approx(tuple(reference.confidence_interval(0.95)), rel=1e-9)
        assert mine.equivalence == pytest.approx(tuple(reference.confidence_interval(0.90)), rel=1e-9)
        assert mine.simultaneous == pytest.approx(tuple(reference.confidence_interval(0.975)), rel=1e-9)  # two of them
        assert mine.prior_df == 0.0


def test_three_comparisons_share_their_spreads() -> None:
    arms, baseline = family(FEWEST_SHARED, 4)
    estimates = compare_all(arms, baseline, "ratio")
    assert methods(estimates) == {"moderated"}
    for arm, estimate in zip(arms, estimates, strict=True):
        assert estimate.effect == pytest.approx(np.mean(logs(arm)) - np.mean(logs(baseline)))
        assert estimate.prior_df > 0
        assert estimate.df == pytest.approx(3 + estimate.prior_df)
        own = np.std(np.subtract(logs(arm), logs(baseline)), ddof=1)
        assert estimate.sd is not None and estimate.sd >= own * (1 - 1e-12)


def test_intervals_and_p_are_of_one_statistic() -> None:
    arms, baseline = family(6, 4, effects=(1.5, 1.2))
    for each in compare_all(arms, baseline, "ratio"):
        assert each.effect is not None and each.se and each.p is not None and each.p_adjusted is not None
        assert each.interval and each.equivalence and each.simultaneous and each.critical and each.df is not None
        for interval in (each.interval, each.equivalence, each.simultaneous):
            assert (interval[0] + interval[1]) / 2 == pytest.approx(each.effect)
        assert each.equivalence[0] > each.interval[0] > each.simultaneous[0]
        assert (each.p < 0.05) == (not each.interval[0] < 0 < each.interval[1])
        assert (each.p_adjusted < 0.05) == (abs(each.effect) / each.se > each.critical)
        assert each.p <= each.p_adjusted
        # Never narrower than Student's interval with the degrees of freedom that the prior adds to its own.
        assert each.interval[1] - each.effect >= paired.t_quantile(0.05, each.df) * each.se * (1 - 1e-9)


def test_effects_are_found_and_the_rest_is_not() -> None:
    arms, baseline = family(11, 4, random_seed=2, effects=(2.0, 0.5))
    ours = np.array([each.p_adjusted for each in compare_all(arms, baseline, "ratio")], dtype=float)
    assert np.all(ours[:2] < 0.05)
    assert np.all(ours[2:] > 0.05)
    plain = paired.holm([float(stats.ttest_rel(logs(arm), logs(baseline)).pvalue) for arm in arms])
    assert np.all(ours[:2] < np.array(plain[:2], dtype=float))


def test_arms_planned_with_different_seeds_are_each_by_themselves() -> None:
    arms, baseline = family(4, 6)
    arms[1] = {seed: value for seed, value in arms[1].items() if seed < 3}
    estimates = compare_all(arms, baseline, "difference", same_seeds=False)
    assert methods(estimates) == {"paired"}
    theirs = [stats.ttest_rel(list(arm.values()), [baseline[seed] for seed in arm]).pvalue.item() for arm in arms]
    assert [each.p for each in estimates] == pytest.approx(theirs, rel=1e-9)
    assert [each.p_adjusted for each in estimates] == pytest.approx(paired.holm(theirs), rel=1e-9)
    assert methods(compare_all(arms, baseline, "difference", same_seeds=True)) == {"moderated"}


def test_arms_without_a_common_seed_get_welchs_test_and_holm_over_all() -> None:
    arms, baseline = family(4, 5)
    arms[2] = {seed + 100: value for seed, value in arms[2].items()}
    estimates = compare_all(arms, baseline, "ratio")
    assert [each.method for each in estimates] == ["paired", "paired", "unpaired", "paired"]
    theirs = [float(stats.ttest_rel(logs(arm), logs(baseline)).pvalue) for arm in arms]
    theirs[2] = float(stats.ttest_ind(logs(arms[2]), logs(baseline), equal_var=False).pvalue)
    assert [each.p for each in estimates] == pytest.approx(theirs, rel=1e-9)
    assert [each.p_adjusted for each in estimates] == pytest.approx(paired.holm(theirs), rel=1e-9)
    welch = estimates[2]
    assert welch.pairs == 0 and welch.simultaneous and welch.interval
    assert welch.simultaneous[0] < welch.interval[0] < welch.interval[1] < welch.simultaneous[1]


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_what_has_no_logarithm_gets_a_reason_and_no_p(value: float) -> None:
    arms, baseline = family(5, 4, effects=(1.5,))
    arms[3][2] = value
    estimates = compare_all(arms, baseline, "ratio")
    refused = estimates.pop(3)
    assert (refused.p, refused.p_adjusted, refused.effect, refused.interval) == (None,) * 4
    assert f"{value:.4g} has no logarithm" in refused.reason
    arms.pop(3)
    assert estimates == compare_all(arms, baseline, "ratio")  # the others are a family of their own
    arms, baseline = family(5, 4)
    arms[3][2] = value
    assert compare_all(arms, baseline, "difference")[3].p is not None


def test_a_baseline_without_logarithm_refuses_all() -> None:
    arms, baseline = family(4, 4)
    baseline[0] = 0.0
    assert all(each.p is None and each.reason for each in compare_all(arms, baseline, "ratio"))


def test_one_difference_on_all_seeds_has_no_p_and_leaves_the_rest_alone() -> None:
    arms, baseline = family(5, 4)
    arms[0] = {seed: value + 2.5 for seed, value in baseline.items()}
    estimates = compare_all(arms, baseline, "difference")
    assert estimates[0].effect == pytest.approx(2.5)
    assert (estimates[0].p, estimates[0].p_adjusted, estimates[0].interval, estimates[0].critical) == (None,) * 4
    assert estimates[1:] == compare_all(arms[1:], baseline, "difference")


def test_no_difference_on_any_seed_has_a_p_of_1() -> None:
    arms, baseline = family(5, 4)
    arms[4] = dict(baseline)
    estimates = compare_all(arms, baseline, "ratio")
    assert (estimates[4].effect, estimates[4].p, estimates[4].p_adjusted) == (0.0, 1.0, 1.0)
    assert estimates[:4] == compare_all(arms[:4], baseline, "ratio")
    every = compare_all([dict(baseline)] * 5, baseline, "ratio")
    assert [each.p_adjusted for each in every] == [1.0] * 5


def test_pairs_lost_to_failures_leave_each_comparison_its_own_degrees_of_freedom() -> None:
    arms, baseline = family(5, 5, random_seed=4, effects=(1.5,))
    del arms[0][1], arms[2][0], arms[2][4]
    estimates = compare_all(arms, baseline, "ratio")
    assert methods(estimates) == {"moderated"}
    assert [each.pairs for each in estimates] == [4, 5, 3, 5, 5]
    assert [each.df for each in estimates] == [each.pairs - 1 + each.prior_df for each in estimates]
    assert len({each.prior_df for each in estimates} - {0.0}) == 1  # one prior, or a spread of its own
    for each in estimates:
        assert each.p_adjusted is not None and 0 < each.p_adjusted <= 1


def test_one_pair_or_none_is_never_a_verdict() -> None:
    arms, baseline = family(6, 4)
    arms[0], arms[1] = {0: arms[0][0]}, {}
    estimates = compare_all(arms, baseline, "ratio")
    assert [each.p for each in estimates[:2]] == [None, None]
    assert [each.p_adjusted for each in estimates[:2]] == [None, None]
    assert estimates[0].effect is not None and estimates[1].effect is None
    assert methods(estimates[2:]) == {"moderated"}
    one_seed = compare_all(*family(5, 1), "ratio")
    assert all(each.p is None and each.interval is None and each.direction is None for each in one_seed)
    assert compare_all([], baseline, "ratio") == []


def test_two_that_can_be_tested_are_not_enough_to_share() -> None:
    arms, baseline = family(4, 4)
    arms[0], arms[1] = {0: 31.0}, dict(baseline)
    assert methods(compare_all(arms, baseline, "ratio")) == {"paired"}


def test_the_order_of_the_arms_does_not_matter() -> None:
    arms, baseline = family(5, 4, effects=(1.3,))
    there = compare_all(arms, baseline, "ratio")
    back = compare_all(arms[::-1], baseline, "ratio")[::-1]
    assert [each.p_adjusted for each in there] == pytest.approx([each.p_adjusted for each in back], rel=1e-12)
    assert [each.se for each in there] == pytest.approx([each.se for each in back], rel=1e-12)


def test_a_factor_on_all_scores_changes_no_ratio_and_a_shift_no_difference() -> None:
    arms, baseline = family(4, 4)
    for scale, moved in (("ratio", lambda value: 7 * value), ("difference", lambda value: value + 7)):
        before = compare_all(arms, baseline, scale)  # type: ignore[arg-type]
        after = compare_all(
            [{seed: moved(value) for seed, value in arm.items()} for arm in arms],
            {seed: moved(value) for seed, value in baseline.items()},
            scale,  # type: ignore[arg-type]
        )
        assert [each.p_adjusted for each in after] == pytest.approx([each.p_adjusted for each in before], rel=1e-6)


def test_a_spread_of_its_own_is_judged_by_itself() -> None:
    """An arm a hundred times as noisy takes no part in the prior: how noisy it is, the others do not see."""
    arms, baseline = family(8, 4)
    random = np.random.default_rng(9)
    wide = dict(enumerate(30 * np.exp(10 * random.standard_normal(4))))
    estimates = compare_all([*arms, wide], baseline, "ratio")
    wider = compare_all([*arms, {seed: score**2 for seed, score in wide.items()}], baseline, "ratio")
    assert (estimates[-1].prior_df, estimates[-1].df) == (0.0, 3.0)
    assert [each.se for each in estimates[:-1]] == [each.se for each in wider[:-1]]
    assert max(each.prior_df for each in estimates[:-1]) == 1.0  # with one of the eight, two of nine are left out
    own = [each.sd / 2 for each in estimates if each.sd is not None]
    assert all(each.se is not None and each.se >= se * (1 - 1e-12) for each, se in zip(estimates, own, strict=True))


def test_the_family_wise_error_of_studies_without_effects() -> None:
    """100 studies of five arms and four seeds: 5 % are expected at most; 14 % would be a fault."""
    random = np.random.default_rng(11)
    found = 0
    for _ in range(100):
        noise = random.standard_normal((6, 4)) * np.exp(0.5 * random.standard_normal((6, 1)))
        pairs = [paired.over_seeds(dict(enumerate((row - noise[0]).tolist())), 1.0) for row in noise[1:]]
        found += any(each.p_adjusted is not None and each.p_adjusted < 0.05 for each in from_paired(pairs, 0.05))
    assert found <= 13
    assert step_down.null.cache_info().hits > 0  # 100 studies are not 100 simulations
