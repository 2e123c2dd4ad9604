"""Whether a baseline has learned enough to compare arms: the rule, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.overrides import flatten
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.baseline_learning import HardlyTrained, share_learned, updates_of
from dcgan.comparison.beside import open_command
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.results import Results
from dcgan.experiment import Experiment
from tests.known_studies import with_untrained

Make = Callable[..., Path]


@pytest.fixture
def scored(csv_file: Make) -> Results:
    """The baseline's median FID is 60, its median KID 0.06."""
    lines = ["bare,0,50,0.05", "bare,1,60,0.06", "bare,2,90,0.09", "x,0,52,0.05", "x,1,57,0.06", "x,2,93,0.09"]
    return from_csv(csv_file("arm,seed,fid,kid", *lines))


def of(results: Results, **options: Any) -> Analysis:
    return analyse(results, **options)


@pytest.mark.parametrize(("score", "share"), [(100.0, 0.0), (55.0, 0.5), (10.0, 1.0), (118.0, -0.2)])
def test_the_share_of_the_way_to_the_floor(score: float, share: float) -> None:
    assert share_learned(100.0, score, 10.0) == pytest.approx(share)


@pytest.mark.parametrize(
    ("untrained", "floor", "told"),
    [
        (120.1, None, False),  # (120.1 - 60) / 120.1 is just above a half
        (119.9, None, True),
        (110.1, 10.0, False),  # (110.1 - 60) / 100.1
        (109.9, 10.0, True),
        (50.0, None, True),  # worse than untrained
        (5.0, 10.0, False),  # no way to go
    ],
)
def test_a_baseline_less_than_half_of_the_way_has_hardly_learned(
    scored: Results, untrained: float, floor: float | None, told: bool
) -> None:
    found = of(with_untrained(scored, untrained, floor)).hardly_trained
    assert found == (HardlyTrained(60.0, untrained, floor, None) if told else None)


def test_kid_is_a_distance_too_and_what_is_no_distance_tells_nothing(scored: Results) -> None:
    assert of(with_untrained(scored, 0.1, metric="kid"), metric="kid").hardly_trained is not None
    assert of(with_untrained(scored, 0.13, metric="kid"), metric="kid").hardly_trained is None
    assert of(with_untrained(scored, 61.0), goal="maximize").hardly_trained is None
    assert of(scored).hardly_trained is None, "nothing is known of untrained networks"


def test_how_often_g_is_updated() -> None:
    changes = {"budget.epochs": 2, "budget.images_per_epoch": 9000, "update.batch": 100}
    settings = flatten(Experiment().with_(changes).model_dump(mode="json"))
    assert updates_of(settings) == 180
    assert updates_of({**settings, "update.batch": 99}) == 182, "the last batch is begun"
    assert updates_of({**settings, "update.d_steps": 5}) == 36
    assert updates_of({**settings, "update.g_steps": 2}) == 360
    assert updates_of({"update.batch": 100}) is None


def test_no_command_for_more_seeds_where_the_baseline_has_hardly_learned(study: Make) -> None:
    results = from_study(study(seeds=2))
    assert open_command(of(with_untrained(results, 300.0))).startswith("dcgan sweep tips --more ")
    assert open_command(of(with_untrained(results, 31.0))) == ""
