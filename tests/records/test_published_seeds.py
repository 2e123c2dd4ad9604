"""The seeds that a published study was planned with, by the report of its table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.records import published_seeds
from dcgan.records.published_seeds import PublishedSeeds
from dcgan.records.seed_changes import SeedChange

CHANGE = SeedChange((0, 1), (0, 1, 2), 2)
ARMS = ("bare", "he_init")


def table_beside(folder: Path, **content: Any) -> Path:
    """Where a table would be, with that content in the report.json of its report."""
    (folder / "tables").mkdir()
    arms = [{"arm": arm} for arm in ARMS]
    (folder / "report.json").write_text(json.dumps({"arms": arms, "seed_changes": [], **content}))
    return folder / "tables" / "runs.csv"


def test_seeds_and_their_changes_are_those_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_beside(tmp_path, planned_seeds=[0, 1, 2], seed_changes=[CHANGE.to_json()])
    told = PublishedSeeds(str(tmp_path / "report.json"), (0, 1, 2), (CHANGE,))
    assert published_seeds.beside(table, ARMS) == told
    monkeypatch.chdir(table.parent)
    assert published_seeds.beside(Path("runs.csv"), ARMS) == told


def test_a_report_of_other_arms_says_nothing_of_these(tmp_path: Path) -> None:
    table = table_beside(tmp_path, planned_seeds=[0, 1, 2])
    assert published_seeds.beside(table, ["bare"]) is None
    assert published_seeds.beside(table, [*ARMS, "replay"]) is None


def test_nothing_is_known_of_a_table_without_a_report_or_with_one_that_had_no_plan(tmp_path: Path) -> None:
    assert published_seeds.beside(tmp_path / "tables" / "runs.csv", ARMS) is None
    table = table_beside(tmp_path, planned_seeds=None)
    assert published_seeds.beside(table, ARMS) is None
    assert published_seeds.beside(tmp_path / "other" / "runs.csv", ARMS) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"planned_seeds": "ten"}, "planned_seeds is not a list of different seeds"),
        ({"planned_seeds": []}, "planned_seeds is not"),
        ({"planned_seeds": [0, True]}, "planned_seeds is not"),
        ({"planned_seeds": [0, -1]}, "planned_seeds is not"),
        ({"planned_seeds": [1, 1]}, "planned_seeds is not"),
        ({"planned_seeds": [0, 1], "seed_changes": None}, "seed_changes"),
        ({"planned_seeds": [0, 1], "seed_changes": [3]}, "seed_changes"),
        ({"planned_seeds": [0, 1], "arms": [{}]}, "seed_changes or arms"),
    ],
)
def test_a_damaged_report_is_named(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    table = table_beside(tmp_path, **content)
    with pytest.raises(DcganError, match=rf"report\.json is damaged \({message}"):
        published_seeds.beside(table, ARMS)
