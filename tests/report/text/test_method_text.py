"""The documents say how their comparisons were made: by the method that was used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv, from_study
from dcgan.report.text.method_text import method_words
from tests.report.designs import tips, write_study

Make = Callable[..., Path]


def test_ratios_and_shared_spreads(study: Make) -> None:
    words = method_words(analyse(from_study(study())))
    assert (
        words.difference.startswith("In per cent of the baseline's score") and "Seeds are paired: " in words.difference
    )
    assert "Smyth 2004" in words.interval and "the largest |t| of 3 comparisons" in words.adjusted
    assert words.effects == ""


def test_differences_and_few_arms(csv_file: Make) -> None:
    path = csv_file("arm,seed,kid", "a,0,1", "a,1,2", "a,2,3", "b,0,1.5", "b,1,2.1", "b,2,3.9")
    words = method_words(analyse(from_csv(path)))
    assert words.difference.startswith(
        "The mean over seeds of arm minus baseline, on the scale of KID. Runs are paired by the table's seeds"
    )
    assert "paired t test, after Holm's correction for 1 comparison" in words.adjusted


def test_unpaired_runs(csv_file: Make) -> None:
    path = csv_file("arm,seed,kid", "a,0,1", "a,1,2", "a,2,3.5", "b,3,11", "b,4,12.5", "b,5,13")
    words = method_words(analyse(from_csv(path)))
    assert "Seeds are not paired." in words.difference and "Welch's test, unpaired" in words.adjusted


def test_effects_of_a_design(tmp_path: Path) -> None:
    analysis = analyse(from_study(write_study(tmp_path, "factorial", tips(3), {("he_init",): 3.0}, noise=0.3)))
    assert "3 main effects and 3 interactions together" in method_words(analysis).effects


def test_two_baselines_are_told_by_the_method_that_was_used(tmp_path: Path) -> None:
    many = analyse(from_study(write_study(tmp_path / "a", "both", tips(4), {("he_init",): 3.0}, noise=0.3)))
    assert "the largest |t| of 4 factors beside a baseline, doubled" in method_words(many).effects
    few = analyse(from_study(write_study(tmp_path / "b", "both", tips(2), {("he_init",): 3.0}, noise=0.3)))
    assert "each its own spread, with Holm's correction for 2 factors" in method_words(few).effects
