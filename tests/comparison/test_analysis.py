"""From a table to arms, comparisons and the outlook."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.metrics import Goal
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.comparisons import Comparison
from dcgan.comparison.results import Results
from dcgan.records.table_file import TableRow
from dcgan.records.trial_rows import typed
from dcgan.report import from_csv, from_study

Write = Callable[..., Path]


def results_of(scores: dict[str, list[float | str]]) -> Results:
    """Results of arms with one value a seed; a text instead of a number is a status."""
    rows = [
        TableRow("", {"arm": arm, "seed": str(seed), "status": "finished", "fid": str(value)})
        if isinstance(value, float)
        else TableRow("", {"arm": arm, "seed": str(seed), "status": value})
        for arm, values in scores.items()
        for seed, value in enumerate(values)
    ]
    return Results(title="test", table=typed(rows, ["fid"], []), metrics=("fid",), arms=tuple(scores))


def only(analysis: Analysis) -> Comparison:
    (comparison,) = analysis.comparisons
    return comparison


def test_three_arms_give_what_scipy_gives(three_arms: Path) -> None:
    results = from_csv(three_arms)
    analysis = analyse(results, scale="difference")
    bare = list(results.scores("fid", "bare").values())
    for comparison in analysis.comparisons:
        arm = list(results.scores("fid", comparison.arm.arm).values())
        assert comparison.estimate.p == pytest.approx(stats.ttest_rel(arm, bare).pvalue)
        assert comparison.arm.mean == pytest.approx(np.mean(arm))
        assert comparison.arm.interval == pytest.approx(
            stats.t.interval(0.95, 4, np.mean(arm), stats.sem(arm)), rel=1e-9
        )
    assert [comparison.verdict for comparison in analysis.comparisons] == ["helps", "hurts"]
    assert analysis.margin == pytest.approx(0.05 * np.mean(bare))
    assert [comparison.cost for comparison in analysis.comparisons] == [pytest.approx(1 / 13), pytest.approx(2 / 13)]


values = some.lists(some.floats(1, 100), min_size=2, max_size=5)


@settings(max_examples=10, deadline=None)
@given(values, some.floats(-3, 3), some.floats(0, 2))
def test_the_other_goal_turns_helps_and_hurts_and_nothing_else(base: list[float], effect: float, step: float) -> None:
    arm = [value + effect + step * index for index, value in enumerate(base)]
    results = results_of({"bare": list(base), "x": list(arm)})
    here, there = (only(analyse(results, goal=goal)) for goal in _goals())
    turned = {"helps": "hurts", "hurts": "helps"}
    assert there.verdict == turned.get(here.verdict, here.verdict)
    assert (here.paired, here.estimate, here.seeds_needed) == (there.paired, there.estimate, there.seeds_needed)


def _goals() -> tuple[Goal, Goal]:
    return "minimize", "maximize"


def test_one_seed_is_inconclusive_without_an_interval() -> None:
    analysis = analyse(results_of({"bare": [20.0], "x": [3.0]}))
    comparison = only(analysis)
    assert (comparison.paired.pairs, comparison.paired.difference) == (1, -17.0)
    assert (comparison.estimate.interval, comparison.estimate.p, comparison.estimate.p_adjusted) == (None, None, None)
    assert (comparison.verdict, comparison.seeds_needed, analysis.resolvable) == ("inconclusive", None, None)


def test_an_arm_that_always_diverged_is_a_comparison_with_no_pair() -> None:
    analysis = analyse(results_of({"bare": [20.0, 21.0, 22.0], "x": ["diverged"] * 3, "y": [10.0, 11.5, 12.0]}))
    never, helped = analysis.comparisons
    assert (never.paired.pairs, never.verdict, never.seeds_needed) == (0, "inconclusive", None)
    assert (never.arm.n, never.arm.without_score, never.failure_p) == (0, 3, pytest.approx(0.1))
    assert never.dropped == 3
    assert helped.estimate.p_adjusted == helped.estimate.p  # Holm counts what was tested: one


def test_a_baseline_that_always_diverged_leaves_nothing_to_compare() -> None:
    analysis = analyse(results_of({"bare": ["diverged"] * 2, "x": [3.0, 4.0]}))
    assert analysis.margin == pytest.approx(math.log(1.05))
    assert only(analysis).verdict == "inconclusive"


def test_pairs_with_a_failure_are_dropped_and_counted() -> None:
    analysis = analyse(
        results_of({"bare": [20.0, "failed", 21.0, 22.0, 20.5], "x": [10.0, 11.0, "pruned", 12.0, "running"]})
    )
    comparison = only(analysis)
    assert comparison.paired.differences == {0: -10.0, 3: -10.0}
    assert comparison.dropped == 2  # seeds 1 and 2; seed 4 is not over yet
    assert (comparison.arm.unfinished, comparison.arm.without_score) == (1, 0)
    assert analysis.baseline.without_score == 1


def test_identical_runs_have_no_effect() -> None:
    comparison = only(analyse(results_of({"bare": [20.0, 21.0, 25.0], "x": [20.0, 21.0, 25.0]})))
    estimate = comparison.estimate
    assert (comparison.verdict, estimate.p, estimate.p_adjusted) == ("no effect", 1.0, 1.0)


def test_differences_that_are_all_the_same_prove_nothing() -> None:
    analysis = analyse(results_of({"bare": [20.0, 21.0, 25.0], "x": [19.0, 20.0, 24.0], "y": [19.8, 20.8, 24.8]}))
    assert len(analysis.comparisons) == 2
    for comparison in analysis.comparisons:
        estimate = comparison.estimate
        assert (comparison.verdict, estimate.p, estimate.p_adjusted) == ("inconclusive", None, None)
        assert (estimate.interval, comparison.seeds_needed, comparison.within_margin) == (None, None, False)
    assert analysis.resolvable is None


def test_failed_runs_are_not_tested_as_divergences() -> None:
    crashed, diverged = analyse(
        results_of({"bare": [20.0, 21.0, 22.0], "x": ["failed"] * 3, "y": ["diverged", "failed", 12.0]})
    ).comparisons
    assert crashed.failure_p is None
    assert diverged.failure_p == pytest.approx(0.4)  # 1 of 2 against 0 of 3


def test_a_real_difference_within_the_margin_helps_and_is_said_to_be_small() -> None:
    comparison = only(analyse(results_of({"bare": [100.0, 110.0, 120.0, 130.0], "x": [99.0, 109.1, 119.0, 128.9]})))
    assert (comparison.verdict, comparison.within_margin) == ("helps", True)


def test_the_margin_can_be_given_in_units_and_as_a_share() -> None:
    results = results_of({"bare": [20.0, 21.0, 25.0], "x": [22.0, 21.0, 26.0]})
    assert analyse(results, margin=3.5, scale="difference").margin == 3.5
    assert analyse(results, margin_share=0.1, scale="difference").margin == pytest.approx(2.2)
    assert analyse(results, margin_share=0.1).margin == pytest.approx(math.log(1.1))
    assert only(analyse(results, margin=50.0, scale="difference")).verdict == "no effect"
    with pytest.raises(Misuse, match="compared by ratios, so the margin is a share, as in --margin 5%"):
        analyse(results, margin=3.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0.0}, "alpha=0"),
        ({"alpha": 5.0}, "alpha=5"),
        ({"margin": -1.0}, "margin=-1"),
        ({"margin": float("nan")}, "margin=nan"),
    ],
)
def test_settings_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    results = results_of({"bare": [20.0, 21.0], "x": [22.0, 21.0]})
    with pytest.raises(Misuse, match=message):
        analyse(results, alpha=options.get("alpha", 0.05), margin=options.get("margin"))


def test_nothing_to_report_on_is_said() -> None:
    with pytest.raises(DcganError, match="has no finished run"):
        analyse(results_of({"bare": ["diverged"], "x": ["failed"]}))
    with pytest.raises(DcganError, match="test: every run diverged: 2 of 2; that is the result"):
        analyse(results_of({"bare": ["diverged"], "x": ["diverged"]}))
    with pytest.raises(DcganError, match="has only the arm 'bare'"):
        analyse(results_of({"bare": [1.0, 2.0]}))


def test_the_order_is_the_designs_with_the_baseline_first(study: Write) -> None:
    results = from_study(study())
    assert [arm.arm for arm in analyse(results, baseline="batch_norm").arms] == [
        "batch_norm",
        "bare",
        "he_init",
        "optimizer",
    ]
    assert [each.arm.arm for each in analyse(results).comparisons] == ["he_init", "batch_norm", "optimizer"]


def test_the_outlook_tells_of_the_present_number_of_seeds_too() -> None:
    analysis = analyse(results_of({"bare": [20.0, 21.0, 22.0, 25.0], "x": [10.0, 14.0, 12.0, 12.0]}))
    assert [n for n, _ in analysis.outlook][:3] == [3, 4, 5]
    assert analysis.resolvable == dict(analysis.outlook)[4]
