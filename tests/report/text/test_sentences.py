"""Plain words: the headline, the sentences, the numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.formatting import p_value, percent
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.tip_effects import TipEffect
from dcgan.report import from_csv, from_study
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.sentences import failures, headline, partial, sentence, survivors

Make = Callable[..., Path]
TIPS_HEADLINE = "Of 3 tips, 1 helps, 1 hurts and 1 has no effect with 5 seeds."


def sentences(analysis: Analysis) -> list[str]:
    """Those of the tips in the order of the design."""
    numbers = Numbers.of(analysis)
    tips = {tip.arm: tip for tip in analysis.tips}
    return [sentence(analysis, tips[comparison.arm.arm], numbers) for comparison in analysis.comparisons]


def first(analysis: Analysis) -> TipEffect:
    """The tip that the first arm of the design shows."""
    return next(tip for tip in analysis.tips if tip.arm == analysis.comparisons[0].arm.arm)


def test_tips_that_are_added(study: Make) -> None:
    analysis = analyse(from_study(study()))
    assert headline(analysis) == TIPS_HEADLINE
    helps, hurts, nothing = sentences(analysis)
    assert re.fullmatch(
        r"he_init helps: FID 2\d % lower with it \[−2\d %, −1\d %\], takes 11 % longer, none of 5 runs lost\.", helps
    )
    assert hurts.startswith("batch_norm hurts: FID ") and "% higher with it [+" in hurts
    assert nothing.startswith("optimizer has no effect that matters: FID ")
    assert nothing.endswith("; less than the margin of 5 %.")


def test_tips_that_are_removed_are_judged_the_other_way_round(study: Make) -> None:
    analysis = analyse(from_study(study(start="all")))
    assert [comparison.verdict for comparison in analysis.comparisons] == ["hurts", "helps", "no effect"]
    assert headline(analysis) == TIPS_HEADLINE
    helps, hurts, _ = sentences(analysis)
    assert helps.startswith("he_init helps: FID ") and "% lower with it [" in helps
    assert hurts.startswith("batch_norm hurts: FID ") and "% higher with it [" in hurts


def test_arms_that_are_no_single_tip_are_called_arms(study: Make) -> None:
    analysis = analyse(from_study(study()), baseline="he_init")
    assert headline(analysis).startswith("Of 3 arms compared with he_init, ")


def test_few_seeds_are_told_how_many_would_do(study: Make) -> None:
    analysis = analyse(from_study(study(seeds=2)), alpha=0.001)
    needed = analysis.comparisons[0].seeds_needed
    assert needed is not None and 3 < needed < 100
    assert sentences(analysis)[0].endswith(
        f"; about {needed} fresh seeds would settle it (dcgan sweep tips --more {needed})."
    )


def test_one_seed_is_told_from_nothing(study: Make) -> None:
    analysis = analyse(from_study(study(seeds=1)))
    assert headline(analysis) == "Of 3 tips, 3 are inconclusive with 1 seed."
    assert sentences(analysis)[0].endswith("one seed cannot be told from chance.")


def test_an_arm_that_always_diverged_is_told_as_a_result(study: Make) -> None:
    statuses = {("optimizer", seed): "diverged" for seed in range(5)}
    analysis = analyse(from_study(study(statuses=statuses)))
    assert sentences(analysis)[2] == (
        "optimizer: every run of optimizer diverged (5 of 5 diverged, against none of 5 with bare), so there is no "
        "difference to estimate: that is the result."
    )


def test_a_tip_that_mostly_diverges_only_helps_where_it_survives(study: Make) -> None:
    statuses = {("he_init", seed): "diverged" for seed in range(7)}
    analysis = analyse(from_study(study(seeds=10, statuses=statuses)))
    assert headline(analysis) == (
        "Of 3 tips, 1 helps where its runs survive, 1 hurts and 1 has no effect with 10 seeds. "
        "Not every run survived: he_init 7 of 10 diverged."
    )
    helps = first(analysis)
    assert (helps.verdict, survivors(analysis, helps)) == ("helps", "where it survives: 7 of 10 runs diverged")
    assert sentences(analysis)[0].startswith("he_init helps where it survives: FID ")
    assert "7 of 10 diverged" in sentences(analysis)[0]
    assert [survivors(analysis, other) for other in analysis.tips if other is not helps] == ["", ""]


def test_a_removed_tip_is_judged_by_the_runs_without_it_that_survive(study: Make) -> None:
    analysis = analyse(from_study(study(start="all", statuses={("without-he_init", 0): "diverged"})))
    assert sentences(analysis)[0].startswith("he_init helps where runs without it survive: FID ")
    assert "none of 5 runs lost (without-he_init: 1 of 5 diverged)" in sentences(analysis)[0]


def test_many_arms_with_lost_runs_are_counted(study: Make) -> None:
    statuses = {(arm, 0): "diverged" for arm in ("bare", "he_init", "batch_norm", "optimizer")}
    assert headline(analyse(from_study(study(statuses=statuses)))).endswith("; 1 more arm.")


def test_no_seed_in_common_is_told(study: Make) -> None:
    statuses = {(arm, int(arm == "bare")): "planned" for arm in ("bare", "he_init", "batch_norm", "optimizer")}
    assert headline(analyse(from_study(study(seeds=2, statuses=statuses)))) == (
        "No seed was finished by both bare and another arm yet, so there is no difference to estimate."
    )


def test_differences_that_are_all_the_same_are_told(csv_file: Make) -> None:
    analysis = analyse(from_csv(csv_file("arm,seed,fid", "bare,0,20", "bare,1,22", "x,0,19", "x,1,21")))
    assert sentences(analysis) == [
        "x: FID 4.8 % lower than with bare, by the same difference in each of 2 pairs (rounded scores?): there is no spread to "
        "judge by."
    ]


def test_failed_trials_of_a_study_are_still_to_come_those_of_a_table_are_not(study: Make, csv_file: Make) -> None:
    analysis = analyse(from_study(study(statuses={("he_init", 4): "failed"})))
    assert str(partial(analysis)).startswith("19 of 20 trials are done")
    assert "1 trial failed" in str(partial(analysis)) and "tries it again" in str(partial(analysis))
    table = csv_file("arm,seed,status,fid", "bare,0,,20", "bare,1,,22", "x,0,,19", "x,1,failed,")
    assert partial(analyse(from_csv(table))) is None
    assert survivors(analysis, first(analysis)) == ""


def test_a_tables_failed_runs_are_lost(csv_file: Make) -> None:
    lines = [f"{arm},{seed},,{fid + seed}" for arm, fid in (("bare", 20), ("x", 20)) for seed in range(3)]
    analysis = analyse(from_csv(csv_file("arm,seed,status,fid", *lines, "bare,3,,20", "x,3,failed,", "x,4,diverged,")))
    assert survivors(analysis, first(analysis)) == "where it survives: 2 of 5 runs ended without a score"


def test_dropped_pairs_are_told(study: Make) -> None:
    analysis = analyse(from_study(study(statuses={("he_init", 2): "diverged", ("he_init", 4): "failed"})))
    assert "2 seeds are left out of the difference" in sentences(analysis)[0]
    assert "(1 of 5 diverged, 1 of 5 failed, against none of 5 with bare)" in sentences(analysis)[0]
    assert failures(analysis.comparisons[0].arm) == "1 of 5 diverged, 1 of 5 failed"


def test_a_partial_result_is_told_as_one(study: Make) -> None:
    analysis = analyse(from_study(study(statuses={("he_init", 4): "planned", ("bare", 4): "running"})))
    assert str(partial(analysis)).startswith("18 of 20 trials are done: this is a partial result")


@pytest.mark.parametrize(
    ("means", "text"), [([30.0], "+1.23"), ([300.0, None], "+1.2"), ([0.03], "+1.23457"), ([0.0, None], "+1.235")]
)
def test_numbers_have_four_significant_digits_of_the_means(means: list[float | None], text: str) -> None:
    assert Numbers.for_means(means).signed(1.234567) == text


# ruff: noqa: RUF001 - true minus signs and dashes, as readers see them


def test_small_things_are_written_as_readers_expect() -> None:
    assert [p_value(p) for p in (None, 0.0, 0.0009, 0.0421, 1.0)] == ["–", "< 0.001", "< 0.001", "0.042", "1.000"]
    assert [percent(share) for share in (None, 0.004, 0.12, -0.5)] == ["–", "0 %", "+12 %", "−50 %"]
    assert Numbers(1).interval((-1.0, 2.0)) == "[−1.0, +2.0]"
    assert Numbers(1).interval(None) == ""


def test_a_whole_result_is_not_called_partial(study: Make) -> None:
    assert partial(analyse(from_study(study()))) is None
