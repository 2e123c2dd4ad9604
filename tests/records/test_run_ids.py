"""An id is found by its beginning; where that is not enough, what else it may be is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.common.errors import Misuse
from dcgan.records import run_ids

IDS = ("1f0c3a9be4d2", "1f0c77000000", "a00000000000")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for each in IDS:
        (tmp_path / each).mkdir()
        (tmp_path / each / run_ids.DESCRIPTION).touch()
    (tmp_path / "b00000000000").mkdir()  # no run: nothing describes it
    return tmp_path


@pytest.mark.parametrize(("name", "run"), [("1f0c3", IDS[0]), ("1F0C3", IDS[0]), (IDS[1], IDS[1]), ("a", IDS[2])])
def test_as_much_as_tells_it_from_the_others_is_enough(root: Path, name: str, run: str) -> None:
    assert run_ids.find(name, root) == run


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("1f0c", f"'1f0c' begins 2 runs in .*: {IDS[0]}, {IDS[1]}; give more of the id"),
        ("1f0c3a9be4d3", f"no run '1f0c3a9be4d3' in .*; did you mean '{IDS[0]}'?"),
        ("b0", "no run 'b0' in .*; `dcgan runs` lists those there are"),
        ("", "no run '' in .*"),
    ],
)
def test_what_is_not_one_run_leads_on(root: Path, name: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        run_ids.find(name, root)


def test_where_there_is_no_run_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="where there is none yet: `dcgan train digits` makes one"):
        run_ids.find("1f0c", tmp_path / "runs")


def test_a_shortened_id_is_found_again_and_has_six_letters_at_least(root: Path) -> None:
    assert run_ids.shortened(IDS) == {IDS[0]: "1f0c3a", IDS[1]: "1f0c77", IDS[2]: "a00000"}
    alike = ("aaaaaaaa1bbb", "aaaaaaaa2bbb")
    assert run_ids.shortened(alike) == {alike[0]: "aaaaaaaa1", alike[1]: "aaaaaaaa2"}
    assert all(run_ids.find(short, root) == each for each, short in run_ids.shortened(IDS).items())
