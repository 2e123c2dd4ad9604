"""Tips in the documents and in report.json."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.tips_view import groups, tip_row, tips_json
from tests.report.designs import tips, write_study

Make = Callable[..., Path]


@pytest.mark.parametrize("start", ["bare", "all"])
def test_report_json_has_every_tip_from_off_to_on(study: Make, start: str) -> None:
    analysis = analyse(from_study(study(start=start)))
    entries = tips_json(analysis)
    assert [(entry["tip"], entry["level"], entry["instead"], entry["verdict"]) for entry in entries] == [
        ("he_init", "on", "off", "helps"),
        ("optimizer", "on", "off", "no effect"),
        ("batch_norm", "on", "off", "hurts"),
    ]
    for entry in entries:
        low, high = entry["interval"]
        assert low <= entry["effect"] <= high
        assert entry["ratio"] == pytest.approx(math.exp(entry["effect"]))
        assert entry["ratio_interval"] == pytest.approx([math.exp(low), math.exp(high)])
        assert entry["direction"] >= 0.5 and 0.0 <= entry["p_adjusted"] <= 1.0
    assert entries[0]["consequence"] == ("" if start == "bare" else "so he_init helps")


def test_of_a_design_it_has_the_main_effects(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "factorial", tips(3), {("he_init",): -4.0})
    entries: list[dict[str, Any]] = tips_json(analyse(from_study(folder)))
    assert len(entries) == 3
    assert {(entry["level"], entry["instead"]) for entry in entries} == {("on", "off")}
    assert all("arm" not in entry for entry in entries)


def test_arms_of_a_table_stand_against_the_baseline(three_arms: Path) -> None:
    analysis = analyse(from_csv(three_arms))
    assert [(entry["tip"], entry["level"], entry["instead"]) for entry in tips_json(analysis)] == [
        ("good", "", "bare"),
        ("bad", "", "bare"),
    ]
    assert tip_row(analysis, analysis.tips[0], Numbers.of(analysis))["change"] == "against bare"


def test_groups_follow_the_verdicts_and_name_their_tips(study: Make) -> None:
    analysis = analyse(from_study(study()))
    shown = groups(analysis, Numbers.of(analysis))
    assert [(group["name"], [name for name, _ in group["tips"]]) for group in shown] == [
        ("Helps", ["he_init"]),
        ("Hurts", ["batch_norm"]),
        ("No effect", ["optimizer"]),
    ]
