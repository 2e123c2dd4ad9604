"""What is said of a report's metric: whether it was planned, and its own floor, never another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.report import from_csv, from_study
from dcgan.report.analysis import analyse
from dcgan.report.results import Results
from dcgan.report.text.metric_notes import with_metric_notes
from tests.report.reading import Page, made

FLOORS = "arm,seed,fid,fid_floor,kid,kid_floor,isc,fid_test,fid_floor_test"


def notes(results: Results, metric: str) -> tuple[str, ...]:
    return with_metric_notes(analyse(results, metric=metric, goal="minimize")).results.notes


@pytest.fixture
def floors(csv_file: Callable[..., Path]) -> Results:
    lines = ["a,0,9,3.456,0.02,0.00123,2,7,1", "a,1,8,4,0.03,0.00123,2,8,1", "b,0,5,3.5,0.01,0.00123,2,9,1"]
    return from_csv(csv_file(FLOORS, *lines, "b,1,4,3.9,0.02,0.00123,2,9,1"))


@pytest.mark.parametrize(
    ("metric", "floor"), [("fid", "FID 3.46 to 4.00"), ("kid", "KID 0.0012"), ("fid_test", "fid_test 1.00")]
)
def test_each_metric_has_its_own_floor(floors: Results, metric: str, floor: str) -> None:
    assert notes(floors, metric) == (f"As many other real images score {floor}: the noise floor of these scores.",)


def test_a_metric_without_a_floor_is_given_none(floors: Results) -> None:
    assert notes(floors, "isc") == ()


def test_a_metric_that_was_not_planned_says_so_first(study: Callable[..., Path]) -> None:
    results = from_study(study())
    assert notes(results, "fid") == ()
    (note,) = notes(results, "kid")
    assert note.startswith(
        "Not the planned metric: tips was planned to be judged by FID, and this report compares KID."
    )
    files = made(results, metric="kid")
    assert note in Page(files["index.html"].decode()).text
    assert f"> {note}" in files["report.md"].decode()


def test_nothing_is_planned_for_a_table(three_arms: Path) -> None:
    assert notes(from_csv(three_arms), "kid") == ()
