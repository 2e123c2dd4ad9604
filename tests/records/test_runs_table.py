"""The table of a study's runs: what was recorded comes back as it was, and what is no such table is named."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.common.errors import DcganError, Misuse
from dcgan.records import runs_table
from dcgan.records.run_record import RunRecord
from dcgan.records.runs_table import Row, columns, row_of
from tests.tiny import PROTOCOL, record

ALONG = [{"images": "100", "split": "validation", "fid": "81.25"}, {"images": "200", "split": "test", "fid": "40.5"}]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=12)
LEAF = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUE = LEAF | st.lists(LEAF, max_size=3)
KEY = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)


def written(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns(rows), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def full(**values: Any) -> RunRecord:
    usual = {"scores": {"fid": 40.5, "modes": 10.0}, "protocol": PROTOCOL.to_dict(), "name": "tiny"}
    return record(**{**usual, **values})


def test_a_run_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    kept = full(
        id="00000000001e",  # which is no number
        digest="123456789012",  # a text of digits
        details={"left": [1, 0.25], "modes": {"of": 10, "shares": {"real": [0.1, 0.9]}}},
        also=({"split": "train", "scores": {"fid": 38.0}, "protocol": PROTOCOL.to_dict(), "details": {}},),
        environment={"torch": "2.14.1", "threads": 1, "device": 'a "quoted", name'},
    )
    diverged = record(id="0" * 11 + "1", status="diverged", failure="loss is not finite\nat step 7", seed=1)
    table = written(tmp_path / "runs.csv", [row_of("bare, plain", kept, ALONG), row_of("he_init", diverged)])
    first, second = runs_table.read(table)
    assert (first.arm, first.record, first.along) == ("bare, plain", kept, tuple(ALONG))
    assert (second.arm, second.record, second.along, second.grid) == ("he_init", diverged, (), "")
    assert second.where == f"{table}, line 4"  # the failure has two lines


def test_its_first_columns_say_which_run_it_is() -> None:
    row = row_of("bare", full(), ALONG)
    assert list(row)[:4] == ["arm", "seed", "run", "status"]
    assert (row["seed"], row["status"], row["scores.fid"]) == ("0", "finished", "40.5")
    assert columns([row_of("bare", full(), ALONG), row_of("bare", full(failure="none"))])[-2:] == ["failure", "along"]


@given(details=st.dictionaries(KEY, VALUE | st.dictionaries(KEY, VALUE, max_size=3), max_size=4))
def test_any_plain_value_comes_back(tmp_path_factory: pytest.TempPathFactory, details: dict[str, Any]) -> None:
    table = tmp_path_factory.mktemp("table") / "runs.csv"
    kept = full(details={"modes": {"of": 1}, "other": details} if details else {})
    (read,) = runs_table.read(written(table, [row_of("bare", kept)]))
    assert read.record == kept


def changed(**cells: str) -> Row:
    return {**row_of("bare", full()), **cells}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (changed(status="done"), "line 2 is damaged .*: status is 'done'"),
        (changed(seed="-1"), "line 2 is damaged .*: seed is -1"),
        (changed(**{"scores.fid": "good"}), r"line 2 is damaged .*: scores is \{'fid': 'good'"),
        (changed(arm=""), "line 2: no arm"),
        (changed(along="[1]"), "line 2: along is not a table of scores"),
        (changed(along='[["images","split"],["1","a","2"]]'), "line 2: along is not a table of scores"),
        (changed(along='[["images","split","split"],["1","a","2"]]'), "line 2: along is not a table of scores"),
        (changed(along='[["images","split"],["many","a"]]'), "line 2: along is not a table of scores"),
        (changed(along='[["fid"],["1"]]'), "line 2: along is not a table of scores"),
        (changed(along="{"), "line 2: "),
        (changed(scores="1"), "line 2: .*'scores' is given"),
        (changed(scores="[" * 200), "line 2: "),
    ],
)
def test_what_is_no_run_is_named(tmp_path: Path, row: Row, message: str) -> None:
    with pytest.raises(DcganError, match=message):
        runs_table.read(written(tmp_path / "runs.csv", [row]))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no rows"),
        ("arm,seed,run,status\n", "has no rows"),
        ("arm,seed,fid\nbare,0,1\n", "has no column 'run'"),
        ("text\nbare\n", "has no column 'arm'"),
        ("arm;seed;run;status\nbare;0;a;finished\n", "is separated by semicolons, as a spreadsheet saves it"),
    ],
)
def test_another_table_is_refused_with_the_one_that_is_meant(tmp_path: Path, text: str, fault: str) -> None:
    table = tmp_path / "trials.csv"
    table.write_text(text)
    with pytest.raises(Misuse, match=rf"{fault}.*: expected the table of a study's runs, .* tables/runs.csv"):
        runs_table.read(table)
