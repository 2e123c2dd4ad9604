"""Every tip from off to on, whatever side its arm shows it from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.comparison.analysis import analyse, arm_label, in_order
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.tip_effects import changed_factor

Make = Callable[..., Path]


def test_an_arm_without_a_tip_is_turned_round(study: Make) -> None:
    analysis = analyse(from_study(study(start="all")))
    tip = next(tip for tip in analysis.tips if tip.arm == "without-he_init")
    comparison = next(each for each in analysis.comparisons if each.arm.arm == "without-he_init")
    assert (tip.label, tip.level, tip.instead, tip.turned) == ("he_init", "on", "off", True)
    assert (comparison.verdict, tip.verdict) == ("hurts", "helps")
    low, high = comparison.estimate.interval or (0.0, 0.0)
    assert tip.estimate.interval == (-high, -low)
    assert tip.estimate.effect == pytest.approx(-(comparison.estimate.effect or 0.0))
    assert tip.estimate.differences == {seed: -value for seed, value in comparison.estimate.differences.items()}
    assert tip.paired.difference == pytest.approx(-(comparison.paired.difference or 0.0))
    assert (tip.estimate.p_adjusted, tip.estimate.direction) == (
        comparison.estimate.p_adjusted,
        comparison.estimate.direction,
    )
    assert tip.with_it is analysis.baseline and tip.without is comparison.arm


def test_the_time_that_it_takes_is_turned_round_too(study: Make) -> None:
    """An arm that lacks the tip and takes a fifth less time: the tip takes a quarter more."""
    folder = study(start="all")
    table = folder / "trials.csv"
    lines = table.read_text().splitlines()
    place = lines[0].split(",").index("seconds")
    changed = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        cells[place] = "8.0" if "without-he_init" in line else "10.0"
        changed.append(",".join(cells))
    table.write_text("\n".join(changed) + "\n")
    costs = {tip.label: tip.cost for tip in analyse(from_study(folder)).tips}
    assert costs == {
        "he_init": pytest.approx(0.25),
        "batch_norm": pytest.approx(0.0),
        "optimizer": pytest.approx(0.0),
    }


@pytest.mark.parametrize("start", ["bare", "all"])
def test_the_most_helpful_comes_first_from_either_side(study: Make, start: str) -> None:
    analysis = analyse(from_study(study(start=start)))
    assert [tip.label for tip in analysis.tips] == ["he_init", "optimizer", "batch_norm"]
    level = "on" if start == "bare" else "off"
    assert [arm_label(analysis, arm.arm) for arm in in_order(analysis)] == [
        start,
        f"he_init {level}",
        f"optimizer {level}",
        f"batch_norm {level}",
    ]


def test_where_higher_is_better_the_highest_comes_first(study: Make) -> None:
    analysis = analyse(from_study(study()), goal="maximize")
    assert [tip.label for tip in analysis.tips] == ["batch_norm", "optimizer", "he_init"]


def test_what_has_no_difference_comes_last(study: Make) -> None:
    statuses = {("he_init", seed): "diverged" for seed in range(5)}
    assert [tip.label for tip in analyse(from_study(study(statuses=statuses))).tips][-1] == "he_init"


def test_arms_of_a_table_are_called_by_their_names(three_arms: Path) -> None:
    analysis = analyse(from_csv(three_arms))
    assert [(tip.label, tip.level, tip.is_tip) for tip in analysis.tips] == [("good", "", False), ("bad", "", False)]


def test_levels_of_a_plain_setting_are_told_against_the_baselines() -> None:
    levels = {"a": {"optimizer.kind": "adam", "lr": "1"}, "b": {"optimizer.kind": "sgd", "lr": "1"}, "c": {}}
    assert changed_factor(levels, "b", "a") == ("optimizer.kind", "adam", "sgd")
    assert changed_factor(levels, "a", "a") is None
    assert changed_factor(levels, "c", "a") is None
    assert changed_factor(levels, "unknown", "a") is None
