"""No verdict before all runs of a comparison are in, while a study runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.sentences import headline, sentence
from tests.report.designs import tips, write_study

Make = Callable[..., Path]


def test_only_comparisons_with_runs_to_come_are_open(study: Make) -> None:
    folder = study(statuses={("he_init", 4): "running", ("batch_norm", 4): "diverged"})
    analysis = analyse(from_study(folder, live=True))
    by_label = {tip.label: tip for tip in analysis.tips}
    assert by_label["he_init"].verdict == "inconclusive"
    assert by_label["he_init"].estimate.p_adjusted is None
    assert (by_label["batch_norm"].verdict, by_label["optimizer"].verdict) == ("hurts", "no effect")
    told = sentence(analysis, by_label["he_init"], Numbers.of(analysis))
    assert re.fullmatch(
        r"he_init: FID \d+ % lower with it \[.*\]; 4 of 5 seeds so far; no verdict before all are in\.", told
    )
    assert headline(analysis).startswith("No verdict before all runs are in: 19 of 20 trials are done.")
    assert {tip.label: tip.verdict for tip in analyse(from_study(folder)).tips}["he_init"] == "helps"


def test_a_baseline_that_is_not_done_leaves_all_open(study: Make) -> None:
    analysis = analyse(from_study(study(statuses={("bare", 3): "planned"}), live=True))
    assert {tip.verdict for tip in analysis.tips} == {"inconclusive"}
    assert all("4 of 5 seeds so far" in tip.estimate.reason for tip in analysis.tips)


def test_effects_of_a_design_wait_for_every_arm(tmp_path: Path) -> None:
    truth = {("small_networks",): -6.0}
    done = analyse(from_study(write_study(tmp_path / "a", "factorial", tips(2), truth, noise=0.1), live=True))
    folder = write_study(tmp_path / "b", "factorial", tips(2), truth, noise=0.1, lost={(3, 2): "running"})
    running = analyse(from_study(folder, live=True))
    assert done.effects is not None and running.effects is not None
    assert done.effects.mains[0].judgement.verdict == "helps"
    assert {each.judgement.verdict for each in running.effects.mains} == {"inconclusive"}
    assert {each.estimate.reason for each in running.effects.mains} == {
        "2 of 3 seeds so far; no verdict before all are in"
    }
