"""When not to believe a report: each banner where its reason is there, and not where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import pytest

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.results import Results
from dcgan.report.text.banners import banners
from tests.known_studies import with_untrained

Make = Callable[..., Path]


def shown(results: Results, **options: Any) -> list[str]:
    return banners(analyse(results, **options))


@pytest.fixture
def sound(study: Make) -> Results:
    results = from_study(study())
    return replace(results, curves=None)


def test_a_sound_study_has_none(sound: Results) -> None:
    assert shown(sound) == []


@pytest.mark.parametrize(("accuracy", "told"), [(0.35, True), (0.79, True), (0.98, False), (None, False)])
def test_features_of_a_poor_classifier(sound: Results, accuracy: float | None, told: bool) -> None:
    lines = shown(replace(sound, protocol={**sound.protocol, "extractor_accuracy": accuracy}))
    assert [line.startswith("Unreliable features: ") for line in lines] == [True] * told
    assert not told or f"right on only {100 * (accuracy or 0):.0f} %" in lines[0]


@pytest.mark.parametrize(("classes", "told"), [((915, 85), True), ((500, 500), False), ((), False)])
def test_features_of_a_classifier_that_knows_the_largest_class(sound: Results, classes: Any, told: bool) -> None:
    assert sound.setup is not None
    setup = replace(sound.setup, classes=classes, images={"test": 1000})
    lines = shown(replace(sound, setup=setup, protocol={**sound.protocol, "extractor_accuracy": 0.915}))
    assert [line.startswith("Unreliable features: ") for line in lines] == [True] * told
    assert not told or "91.5 % of 1,000 held-out images, and 91.5 % of them are of one class" in lines[0]


def curves(last: float) -> pd.DataFrame:
    rows = [("he_init", 0, 0, 300.0), ("he_init", 0, 100, last), ("bare", 0, 0, 300.0), ("bare", 0, 100, 30.0)]
    return pd.DataFrame(rows, columns=["arm", "seed", "images", "fid"])


def test_runs_that_ended_worse_than_they_began(sound: Results) -> None:
    (line,) = shown(replace(sound, curves=curves(301.0)))
    assert line.startswith("Worse than untrained: 1 of 2 finished runs ended with a worse FID")
    assert "(1 of he_init on): 301, and untrained 300. There" in line
    assert shown(replace(sound, curves=curves(299.0))) == []


def test_runs_that_are_not_finished_are_not_judged_by_what_they_began_with(sound: Results) -> None:
    """One that was begun has the untrained score alone, or one of the first steps."""
    running = sound.table.copy()
    running.loc[(running["arm"] == "he_init") & (running["seed"] == 0), "status"] = "running"
    assert shown(replace(sound, table=running, curves=curves(301.0))) == []
    both = pd.concat([curves(301.0), curves(305.0).assign(seed=1)])
    (line,) = shown(replace(sound, table=running, curves=both))
    assert line.startswith("Worse than untrained: 1 of 3 finished runs ") and ": 305, and untrained 300." in line
    (line,) = shown(replace(sound, curves=both))
    assert "2 of 4 finished runs" in line and ": median 303, and untrained median 300." in line


def test_a_baseline_that_has_hardly_learned(sound: Results) -> None:
    settings = {"budget.epochs": 2, "budget.images_per_epoch": 9000, "update.batch": 100}
    settings |= {"update.d_steps": 1, "update.g_steps": 1}
    assert sound.setup is not None
    results = replace(sound, setup=replace(sound.setup, baseline=settings))
    assert shown(with_untrained(results, 300.0, 4.4)) == []
    score = median(results.scores("fid", "bare").values())
    for floor, words in ((4.4, "the noise floor, 4.4"), (None, "0")):
        (line,) = [line for line in shown(with_untrained(results, 35.5, floor)) if line.startswith("Hardly")]
        assert line.startswith(
            f"Hardly trained: bare has a median FID of {score:.4g} after 180 updates of G, and had 35.5 before "
            f"training: that is less than half of the way to {words}. "
        )
        assert line.endswith(": train longer (budget.epochs) before you add seeds.")


def test_scores_below_their_floor(sound: Results) -> None:
    floor = float(sound.table["fid"].min())
    assert shown(replace(sound, table=sound.table.assign(fid_floor=floor))) == []
    (line,) = shown(replace(sound, table=sound.table.assign(fid_floor=floor + 1e-6)))
    assert line.startswith("Below the noise floor: 1 run score")


def test_precision_without_variety(sound: Results) -> None:
    grey = sound.table.assign(precision=0.5, recall=0.4)
    assert shown(replace(sound, table=grey)) == []
    grey.loc[grey["arm"] == "optimizer", ["precision", "recall"]] = (1.0, 0.0)
    (line,) = shown(replace(sound, table=grey))
    assert line.startswith("Precision without variety: 5 runs") and "5 of optimizer on" in line


def test_copies_of_training_images(sound: Results) -> None:
    (line,) = shown(replace(sound, copies={"he_init": 2, "bare": 1}))
    assert line.startswith("Copies of training images: 3 runs") and "2 of he_init on and 1 of bare" in line


def test_unequal_budgets(sound: Results) -> None:
    images = {(arm, 0): 1000 for arm in sound.arms}
    assert shown(replace(sound, images=images)) == []
    (line,) = shown(replace(sound, images={**images, ("he_init", 0): 1200}))
    assert line.startswith("Unequal budgets: bare saw 1,000 images (he_init on: 1,200).")


def test_seeds_that_some_arms_do_not_have(csv_file: Make) -> None:
    lines = ["arm,seed,fid", "bare,0,20", "bare,1,22", "bare,2,21", "x,0,19", "x,1,21"]
    (line,) = shown(from_csv(csv_file(*lines)))
    assert line.startswith("Not the same seeds in every arm (from 2 to 3 a piece)")


def test_a_metric_that_was_not_planned(sound: Results) -> None:
    results = replace(sound, table=sound.table.assign(kid=sound.table["fid"] / 1000), metrics=("fid", "kid"))
    (line,) = shown(results, metric="kid")
    assert line.startswith("Not the planned metric: tips was planned to be judged by FID")


def test_processors_that_are_mixed(mixed: Path) -> None:
    lines = shown(replace(from_study(mixed), curves=None))
    assert len(lines) == 1 and "kinds of processors" in lines[0]


def test_choices_that_were_not_planned(sound: Results) -> None:
    (line,) = shown(sound, scale="difference", alpha=0.1)
    assert line.startswith("Not as planned: scale difference instead of ratio and level 0.1 instead of 0.05.")
    assert shown(replace(sound, study=False), scale="difference") == []
