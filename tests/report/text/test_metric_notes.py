"""The noise floor of a report's metric: its own, never another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.comparison.results import Results
from dcgan.report import from_csv
from dcgan.report.text.metric_notes import floor_note
from tests.report.reading import Page, made

FLOORS = "arm,seed,fid,fid_floor,kid,kid_floor,isc,fid_test,fid_floor_test"


@pytest.fixture
def floors(csv_file: Callable[..., Path]) -> Results:
    lines = ["a,0,9,3.456,0.02,0.00123,2,7,1", "a,1,8,4,0.03,0.00123,2,8,1", "b,0,5,3.5,0.01,0.00123,2,9,1"]
    return from_csv(csv_file(FLOORS, *lines, "b,1,4,3.9,0.02,0.00123,2,9,1"))


@pytest.mark.parametrize(
    ("metric", "floor"), [("fid", "FID 3.46 to 4.00"), ("kid", "KID 0.0012"), ("fid_test", "fid_test 1.00")]
)
def test_each_metric_has_its_own_floor(floors: Results, metric: str, floor: str) -> None:
    assert floor_note(floors, metric) == f"As many other real images score {floor}: the noise floor of these scores."


def test_a_metric_without_a_floor_is_given_none(floors: Results) -> None:
    assert floor_note(floors, "isc") == ""


def test_the_page_has_the_floor_of_its_own_metric(floors: Results) -> None:
    files = made(floors, metric="kid")
    assert "score KID 0.0012: the noise floor" in Page(files["index.html"].decode()).text
    assert "score FID" not in files["report.md"].decode()
