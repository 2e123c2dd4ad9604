"""Intervals of comparisons and arms: complete, and the right way round."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv, from_study
from dcgan.report.figures.intervals import arms, forest
from tests.report.figures.svg import described, texts, titles

Write = Callable[..., Path]


def test_the_forest_has_every_arm_its_numbers_its_verdict_and_every_seed(analysis: Analysis) -> None:
    svg = forest(analysis)
    shown = texts(svg)
    for arm, verdict in (("he_init", "helps"), ("batch_norm", "hurts"), ("optimizer", "no effect")):
        assert arm in shown
        assert verdict in shown
    assert "× 1 of 5 diverged" in shown  # noqa: RUF001
    assert "← better" in shown and "worse →" in shown
    assert sum(title.startswith("seed ") for title in titles(svg)) == 5 + 5 + 4
    assert any(title.startswith("he_init: ") for title in titles(svg))
    assert "he_init: " in described(svg) and "helps" in described(svg)
    assert any(text.startswith("relative difference in FID with the tip, against without") for text in shown)


@pytest.mark.parametrize("start", ["bare", "all"])
def test_tips_are_drawn_from_off_to_on_the_most_helpful_first(study: Write, start: str) -> None:
    """Whatever side the arms show them from: blue and left is a tip that helps."""
    shown = texts(forest(analyse(from_study(study(start=start)))))
    assert [text for text in shown if text in ("he_init", "batch_norm", "optimizer")] == [
        "he_init",
        "optimizer",
        "batch_norm",
    ]
    assert [text for text in shown if text in ("helps", "hurts", "no effect")] == ["helps", "no effect", "hurts"]


def test_higher_is_better_turns_the_sides(three_arms: Path) -> None:
    svg = forest(analyse(from_csv(three_arms), goal="maximize"))
    shown = texts(svg)
    assert "← better" in shown and "worse →" in shown  # what helps is at the left
    signs = [(float(x), sign) for x, sign in re.findall(r'cx="([0-9.]+)"[^>]*><title>seed \d: ([+−])', svg)]  # noqa: RUF001
    assert len(signs) == 10
    assert [sign for _, sign in sorted(signs)] == ["+"] * 5 + ["−"] * 5  # noqa: RUF001
    assert "0 %" in shown and any(text.startswith("+") and text.endswith(" %") for text in shown)


def test_one_seed_and_no_pair_can_be_drawn(csv_file: Write) -> None:
    path = csv_file("arm,seed,status,fid", "bare,0,finished,2", "x,0,finished,2", "y,0,diverged,")
    shown = texts(forest(analyse(from_csv(path))))
    assert "no pair" in shown and "inconclusive" in shown
    assert "no score" in texts(arms(analyse(from_csv(path))))


def test_no_fid_is_below_0(csv_file: Write) -> None:
    """Two wild seeds: the interval of the mean goes below 0, which no FID is; it ends there, and an arrow says so."""
    rows = [f"{arm},{seed},{fid}" for arm in ("bare", "x") for seed, fid in ((0, 4.0), (1, 90.0))]
    analysis = analyse(from_csv(csv_file("arm,seed,fid", *rows)), scale="difference")
    assert analysis.baseline.interval is not None and analysis.baseline.interval[0] < 0
    shown = texts(arms(analysis))
    assert not [text for text in shown if text.startswith("\u2212")]
    assert any(text.startswith("47.00  [0.00, ") for text in shown)
    kid = analyse(from_csv(csv_file("arm,seed,kid", *rows)))
    assert any("[\u2212" in text for text in texts(arms(kid)))
