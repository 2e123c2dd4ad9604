"""One study looked at again and again: each comparison is decided once, and a look waits for its runs."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import sequential as simulation
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, Looks, StoppingRules, follow

LOOKS = Looks(4, 2, 12)


def test_looks_come_after_the_first_seeds_then_after_each_block_and_at_the_last() -> None:
    assert Looks(5, 4, 15).seeds == (5, 9, 13, 15)
    assert Looks(5, 5, 15).seeds == (5, 10, 15)
    assert Looks(5, 1, 5).seeds == (5,)


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
