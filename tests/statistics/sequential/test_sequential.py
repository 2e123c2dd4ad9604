"""Looking again and again: the Markov chain against simulation, the error rates, and that each comparison is decided once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks import sequential as simulation
from dcgan.statistics import paired
from dcgan.statistics.sequential import markov_chain
from dcgan.statistics.sequential.boundaries import ALPHAS, at_look, levels
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, Looks, StoppingRules, follow

LOOKS = Looks(4, 2, 12)
STUDIES = 8_000
ARMS = 6


def _shares(looks: Looks) -> tuple[float, ...]:
    return tuple(seeds / looks.at_most for seeds in looks.seeds)


def test_looks_come_after_the_first_seeds_then_after_each_block_and_at_the_last() -> None:
    assert Looks(5, 4, 15).seeds == (5, 9, 13, 15)
    assert Looks(5, 5, 15).seeds == (5, 10, 15)
    assert Looks(5, 1, 5).seeds == (5,)


def test_the_chain_keeps_the_t_distribution_at_every_number_of_differences() -> None:
    mass = markov_chain.beginning()
    for n in range(2, 40):
        mass = mass @ markov_chain.step(n)
    beyond = np.cumsum(mass[::-1])[::-1]
    for z in (-2.0, 0.0, 1.0, 2.0, 3.0, 4.0):
        cell = int(np.argmin(np.abs(markov_chain.EDGES - z)))
        assert beyond[cell] == pytest.approx(stats.norm.sf(z), rel=5e-3)


def test_a_single_look_is_the_t_test() -> None:
    only = levels((7,), (1.0,))[0]
    assert only.at(0.05) == pytest.approx(0.05, rel=1e-3)
    assert only.whole(0.01) == pytest.approx(0.01, rel=1e-3)
    assert only.one_sided == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("looks", [LOOKS, Looks(2, 1, 6)])
def test_levels_are_crossed_by_chance_as_often_as_they_say(looks: Looks) -> None:
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(200_000, looks.at_most))
    made = levels(looks.seeds, _shares(looks))
    for alpha in (0.05, 0.005):
        crossed = np.zeros(len(draws), bool)
        for seeds, level in zip(looks.seeds, made, strict=True):
            p = stats.ttest_1samp(draws[:, :seeds], 0.0, axis=1).pvalue
            crossed |= p < level.at(alpha)
        assert crossed.mean() == pytest.approx(alpha, abs=4 * np.sqrt(alpha / len(draws)))


def test_levels_grow_with_the_error_rate_so_that_sequential_p_values_are_those_of_a_test() -> None:
    for level in levels(LOOKS.seeds, _shares(LOOKS)):
        assert (np.diff(level.two_sided) > 0).all()
        for alpha in (1e-6, 0.001, 0.05, 0.7):
            assert level.whole(level.at(alpha)) == pytest.approx(alpha, rel=1e-6)
    assert level.whole(0.9999) == 1.0


def test_seeds_that_made_no_pair_leave_the_error_rate_for_later_looks() -> None:
    nothing, one, two = levels((0, 1, 3), (0.3, 0.6, 1.0))
    assert nothing.at(0.05) == one.at(0.05) == 0.0
    assert two.at(0.05) == pytest.approx(0.05, rel=1e-3)
    again = levels((3, 3), (0.5, 1.0))  # the same pairs at a higher level
    assert again[1].at(0.05) == pytest.approx(0.05, rel=2e-3)


def test_the_familywise_error_is_kept_and_naive_looks_break_it() -> None:
    rng = np.random.default_rng(0)
    null = simulation.draw([0.0] * ARMS, LOOKS.at_most, STUDIES, rng)
    noise = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    assert 0.03 < simulation.sequential(null, LOOKS, 0.0).any_found < 0.05 + noise
    assert simulation.naive(null, LOOKS, 0.0).any_found > 0.10
    one = simulation.sequential(null[:, :1], LOOKS, 0.0).any_found
    assert one == pytest.approx(0.05, abs=noise), "without a correction for arms the rate is exact"


def test_a_difference_as_large_as_the_margin_is_called_no_effect_in_at_most_5_percent() -> None:
    rng = np.random.default_rng(1)
    edge = simulation.draw([1.0] * 2, 20, STUDIES, rng)
    noise = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    looks = Looks(4, 1, 20)
    assert simulation.sequential(edge, looks, 1.0).same.mean() < 0.05 + noise
    assert simulation.naive(edge, looks, 1.0).same.mean() > 0.07


def test_large_effects_take_few_seeds_and_the_power_of_the_fixed_design_is_nearly_kept() -> None:
    rng = np.random.default_rng(2)
    drawn = simulation.draw([1.5] + [0.0] * 5, 20, 2_000, rng)
    looks = Looks(5, 1, 20)
    ours, whole = simulation.sequential(drawn, looks, 0.0), simulation.fixed(drawn, 20, 0.0)
    assert ours.seeds[:, 0].mean() < 13
    assert ours.found[:, 0].mean() > whole.found[:, 0].mean() - 0.02


def test_repeated_intervals_hold_the_truth_at_all_looks_together() -> None:
    rng = np.random.default_rng(4)
    made, missed, studies = levels(LOOKS.seeds, _shares(LOOKS)), 0, 1_500
    for _ in range(studies):
        values = dict(enumerate(rng.normal(2.0, 3.0, LOOKS.at_most)))
        intervals = []
        for seeds, level in zip(LOOKS.seeds, made, strict=True):
            some = {seed: value for seed, value in values.items() if seed < seeds}
            interval = at_look(paired.compare(some, dict.fromkeys(some, 0.0)), level, None).interval
            assert interval is not None
            intervals.append(interval)
        missed += any(not low <= 2.0 <= high for low, high in intervals)
    assert missed / studies == pytest.approx(0.05, abs=3 * np.sqrt(0.05 / studies))


def _course(
    differences: dict[str, list[float]], looks: Looks, ended: int | None = None, margin: float = 0.5
) -> InterimAnalysis:
    """The course of arms with these differences to a baseline of 10, each seed of which ended."""
    rng = np.random.default_rng(9)
    base = {seed: 10 + float(rng.normal()) for seed in range(looks.at_most)}
    scores = {arm: {seed: base[seed] + value for seed, value in enumerate(of)} for arm, of in differences.items()}
    over = {(arm, seed) for arm in ("base", *differences) for seed in range(looks.at_most if ended is None else ended)}
    rules = StoppingRules("minimize", margin=margin)
    return follow(looks, range(looks.at_most), {"base": base, **scores}, over, rules, baseline="base", arms=[*scores])


def test_the_course_of_one_study_is_that_of_the_simulation() -> None:
    rng = np.random.default_rng(5)
    verdicts = set()
    for _ in range(40):
        drawn = simulation.draw([1.5, 0.0, -3.0, 0.1], LOOKS.at_most, 1, rng)
        expected = simulation.sequential(drawn, LOOKS, 1.5)
        course = _course({str(arm): list(drawn[0, arm]) for arm in range(4)}, LOOKS, margin=1.5)
        for arm, judged in course.judged.items():
            assert (judged.verdict in ("helps", "hurts")) == expected.found[0, int(arm)]
            assert (judged.verdict == "no effect") == expected.same[0, int(arm)]
            assert judged.seeds == expected.seeds[0, int(arm)]
            verdicts.add(judged.verdict)
    assert verdicts == {"helps", "hurts", "no effect", "inconclusive"}


def test_a_decided_comparison_stays_as_it_was_whatever_comes_after() -> None:
    good = [-5.0 + 0.01 * seed for seed in range(12)]
    open_ = [float(value) for value in np.random.default_rng(0).normal(0.0, 3.0, 12)]
    course = _course({"good": good, "open": open_}, LOOKS)
    assert (course.judged["good"].verdict, course.judged["good"].seeds) == ("helps", 4)
    assert (course.judged["open"].verdict, course.judged["open"].seeds) == ("inconclusive", 12)
    assert course.over
    spoilt = _course({"good": good[:4] + [50.0] * 8, "open": open_}, LOOKS)
    assert spoilt.judged["good"] == course.judged["good"]
    assert set(course.judged["good"].paired.differences) == set(range(4))


def test_a_look_waits_for_its_runs() -> None:
    values = {"good": [-5.0 + 0.01 * seed for seed in range(12)], "open": [3.0, -3.0] * 6}
    assert _course(values, LOOKS, ended=3).judged == {}
    course = _course(values, LOOKS, ended=7)
    assert course.seeds == 6
    assert (course.horizon("good"), course.horizon("open")) == (4, 8)
    assert not course.over


def test_an_arm_without_pairs_is_never_decided_and_counts_among_the_comparisons() -> None:
    course = _course({"good": [-5.0 + 0.01 * seed for seed in range(12)], "lost": []}, LOOKS)
    assert course.judged["lost"].verdict == "inconclusive"
    assert course.judged["lost"].paired.p is None
    good = course.judged["good"]
    assert good.paired.p is not None and good.p_adjusted == pytest.approx(2 * good.paired.p)


def test_error_rates_are_known_over_the_whole_range() -> None:
    assert ALPHAS[0] <= 1e-9 and ALPHAS[-1] > 0.99 and (np.diff(ALPHAS) > 0).all()
