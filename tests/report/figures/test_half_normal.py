"""The half-normal plot: of orthogonal designs alone, with the large effects named."""

from __future__ import annotations

from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_study
from dcgan.report.figures.half_normal import half_normal, has_half_normal
from tests.report.designs import tips, write_study
from tests.report.figures.svg import texts, titles

TRUTH = {("small_networks",): -6.0, ("he_init", "batch_norm"): 4.0}


def test_the_large_effects_are_named(tmp_path: Path) -> None:
    analysis = analyse(from_study(write_study(tmp_path, "factorial", tips(4), TRUTH, noise=0.2)))
    assert has_half_normal(analysis)
    shown = texts(half_normal(analysis))
    assert "small_networks" in shown and "he_init x batch_norm" in shown
    assert len(titles(half_normal(analysis))) == 1 + 4 + 6  # the picture's, main effects, interactions


def test_arms_against_a_baseline_have_none(tmp_path: Path) -> None:
    assert not has_half_normal(analyse(from_study(write_study(tmp_path, "one-at-a-time", tips(4), TRUTH, noise=0.2))))
    assert not has_half_normal(analyse(from_study(write_study(tmp_path / "b", "both", tips(4), TRUTH, noise=0.2))))
