"""What was compared: complete, and of every arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dcgan.common.overrides import flatten
from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.study_setup import StudySetup
from dcgan.experiment import load
from dcgan.report.text.setup_text import setup_view
from dcgan.tips import TIPS

Make = Callable[..., Path]


def test_data_budget_baseline_and_every_tip_are_told(study: Make) -> None:
    setup = StudySetup(
        experiment="mnist",
        start="bare",
        held={"average": "on"},
        baseline=flatten(load("mnist").model_dump()),
        changes={"he_init": [("generator.init", "he"), ("discriminator.init", "he")]},
        images={"train": 60000, "test": 10000},
        classes=[4500, 5500],
    )
    results = from_study(study())
    results = replace(results, setup=setup, protocol={**results.protocol, "size": 32, "channels": 1})
    shown = setup_view(analyse(results))
    assert shown is not None
    facts = dict(shown["facts"])
    assert facts["data"] == "mnist, 32 x 32, grey; images: train 60,000 and test 10,000"
    assert facts["classes"] == "2, with 4,500 to 5,500 of the 10,000 real images each"
    assert facts["start"] == "bare: tips that are no factors are off"
    assert facts["set in every arm"] == "average=on"
    budget = load("mnist").budget
    assert facts["budget"].startswith(f"{budget.epochs * budget.images_per_epoch:,} images a run")
    assert facts["batch"] == f"{load('mnist').update.batch} images (the baseline's)"
    changes = {row["label"]: row["changes"] for row in shown["arms"]["rows"]}
    assert changes == {
        "bare": "",
        "he_init on": "generator.init=he, discriminator.init=he",
        "optimizer on": "",
        "batch_norm on": "",
    }
    assert facts["baseline"] == "the arm bare, with none of the tips"
    assert [factor["name"] for factor in shown["factors"]] == ["he_init", "batch_norm", "optimizer"]
    assert all(factor["sentence"] == TIPS[factor["name"]].sentence.replace("`", "") for factor in shown["factors"])


def test_every_arms_settings_are_there_and_what_it_changes_is_marked(study: Make) -> None:
    shown = setup_view(analyse(from_study(study(start="all"))))
    assert shown is not None
    assert shown["arms"]["factors"] == ["he_init", "batch_norm", "optimizer"]
    rows = {row["label"]: row["cells"] for row in shown["arms"]["rows"]}
    assert rows["all"] == [("on", False)] * 3
    assert rows["batch_norm off"] == [("on", False), ("off", True), ("on", False)]
    assert dict(shown["facts"])["baseline"] == "the arm all, with he_init, batch_norm and optimizer"


def test_a_baseline_that_is_the_experiment_has_none_of_the_listed_tips_alone(study: Make) -> None:
    results = replace(from_study(study()), start="experiment")
    assert results.setup is not None
    shown = setup_view(analyse(replace(results, setup=replace(results.setup, start="experiment"))))
    assert shown is not None
    facts = dict(shown["facts"])
    assert facts["start"] == "experiment: tips that are no factors stay as it has them"
    assert facts["baseline"] == "the arm bare, the experiment with none of these tips"


def test_a_table_says_nothing_of_how_its_runs_were_made(three_arms: Path) -> None:
    assert setup_view(analyse(from_csv(three_arms))) is None


def test_each_loss_that_is_compared_is_told_with_its_formulas_and_source(study: Make) -> None:
    results = from_study(study())
    losses = {"bare": "non_saturating", "he_init": "hinge"}
    levels = {arm: {**own, "objective.loss": losses.get(arm, "non_saturating")} for arm, own in results.levels.items()}
    shown = setup_view(analyse(replace(results, levels=levels)))
    assert shown is not None
    told = {factor["name"]: factor for factor in shown["factors"] if factor["name"] not in TIPS}
    assert set(told) == {"objective.loss=non_saturating", "objective.loss=hinge"}
    hinge = told["objective.loss=hinge"]
    assert hinge["sentence"] == (
        "D minimises max(0, 1 - real) + max(0, 1 + fake), G -fake; real and fake are D's outputs."
    )
    assert "Lim and Ye 2017" in hinge["source"]
