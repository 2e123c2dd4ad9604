"""A table as text: what separates its columns, how its numbers are written, and what is refused as ambiguous."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.common.errors import DcganError, Misuse
from dcgan.records.table_file import csv_text, is_formula, number, read_rows, read_table, to_float, to_whole
from tests.known_studies import csv_file

__all__ = ["csv_file"]

Write = Callable[..., Path]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_separates_the_columns_is_seen(csv_file: Write, separator: str) -> None:
    lines = (("arm", "fid"), ("a", "1.5"), ("b", "2"))
    table = read_table(csv_file(*(separator.join(cells) for cells in lines)))
    assert (table.separator, table.columns) == (separator, ("arm", "fid"))
    assert dict(table.rows[1].cells) == {"arm": "b", "fid": "2"}


def test_a_separator_in_quotes_separates_nothing(csv_file: Write) -> None:
    table = read_table(csv_file('"a;b","c;d"', '"1;2","3"'))
    assert (table.separator, dict(table.rows[0].cells)) == (",", {"a;b": "1;2", "c;d": "3"})


def test_lines_that_are_all_alike_tell_the_separator(csv_file: Write) -> None:
    assert read_table(csv_file("arm;fid, lower is better", "a;1", "b;2")).separator == ";"


def test_the_names_that_are_looked_for_tell_the_separator(csv_file: Write) -> None:
    path = csv_file('arm,seed,"a;b"', 'x,0,"1;2"')
    assert read_table(path, wanted=["arm"]).columns == ("arm", "seed", "a;b")
    with pytest.raises(Misuse, match="commas or by semicolons"):
        read_table(path)


def test_two_separators_that_fit_are_refused(csv_file: Write) -> None:
    with pytest.raises(Misuse, match="are its columns separated by commas or by semicolons"):
        read_table(csv_file("arm;fid, lower", "a;1,5", "b;2,5"))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_become_points(csv_file: Write, separator: str) -> None:
    lines = ["arm;fid;n;what", "a;10,5;3;x, y", "b;-,25;4;1,2,3", "c;1,5e-3;5;z"]
    table = read_table(csv_file(*(line.replace(";", separator) for line in lines)))
    assert table.decimal == ","
    assert [row.cells["fid"] for row in table.rows] == ["10.5", "-.25", "1.5e-3"]
    assert [row.cells["what"] for row in table.rows] == ["x, y", "1,2,3", "z"]


def test_a_decimal_point_beside_semicolons_stays(csv_file: Write) -> None:
    table = read_table(csv_file("arm;fid", "a;10.5", "b;9"))
    assert (table.decimal, table.rows[0].cells["fid"]) == (".", "10.5")


def test_a_table_with_commas_has_decimal_points_unless_told(csv_file: Write) -> None:
    path = csv_file("arm,tags,fid", 'a,"1,2",3.5', 'b,"2,3",4.5')
    assert [row.cells["tags"] for row in read_table(path).rows] == ["1,2", "2,3"]
    assert [row.cells["tags"] for row in read_table(path, ",").rows] == ["1.2", "2.3"]


@pytest.mark.parametrize("mark", [",", "."])
def test_a_mark_that_may_separate_thousands_is_refused(csv_file: Write, mark: str) -> None:
    path = csv_file("arm;fid", f"a;12{mark}345", "b;999")
    with pytest.raises(Misuse, match=f"line 2: fid='12.345': a decimal .*thousands.*--decimal {mark}"):
        read_table(path)
    assert read_table(path, mark).rows[0].cells["fid"] == "12.345"
    certain = csv_file("arm;fid", f"a;12{mark}345", f"b;0{mark}999")
    assert read_table(certain).rows[1].cells["fid"] == "0.999"


def test_both_marks_in_one_table_are_refused(csv_file: Write) -> None:
    path = csv_file("arm;fid;torch", "a;12,5;2.11", "b;13,5;2.11")
    with pytest.raises(Misuse, match=r"point \(line 2: torch='2.11'\) and with a decimal comma \(line 2: fid='12,5'\)"):
        read_table(path)
    assert dict(read_table(path, ",").rows[0].cells) == {"arm": "a", "fid": "12.5", "torch": "2.11"}


def test_our_own_tables_are_read_as_we_write_them(csv_file: Write) -> None:
    assert [dict(row.cells) for row in read_rows(csv_file("a;b", "1;2"))] == [{"a;b": "1;2"}]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("a\tb\x1b,c", "1,2"), "column 'a\\tb\\x1b': expected a name in printable characters"),
        (("a,b,a", "1,2,3"), "two columns named 'a'"),
        (("a,b", "1,2,3"), "line 2: 3 cells for 2 columns"),
    ],
)
def test_what_is_no_table_is_refused(csv_file: Write, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DcganError) as refusal:
        read_rows(csv_file(*lines))
    assert message in str(refusal.value)


def test_line_breaks_in_cells_and_blank_lines_keep_the_count(csv_file: Write) -> None:
    rows = read_rows(csv_file("a,b", '"one\ntwo\u2028three",1', "", "x,2"))
    assert [row.where.rpartition(" ")[2] for row in rows] == ["3", "5"]
    assert rows[0].cells["a"] == "one\ntwo\u2028three"


@given(st.integers(-(2**64) + 1, 2**64 - 1))
def test_whole_numbers_are_exact(value: int) -> None:
    assert to_whole(str(value)) == to_whole(f"{value}.0") == value


@pytest.mark.parametrize("text", ["1.5", "1e400", "1_0", "", "x", "nan", "inf", str(2**64)])
def test_what_is_no_whole_number(text: str) -> None:
    assert to_whole(text) is None


def test_numbers_and_blanks() -> None:
    assert (to_float("1_000"), to_float("1e3"), number("here", "fid", "2.5")) == (None, 1000.0, 2.5)
    assert number("here", "fid", "N/A") != number("here", "fid", "N/A"), "not a number"
    with pytest.raises(Misuse, match="here: fid='inf' is not a finite number"):
        number("here", "fid", "inf")


@pytest.mark.parametrize(
    ("cell", "formula"),
    [("=1+1", True), ("+1+1", True), ("@SUM(A1)", True), ("-x", True), ("-2.5", False), ("+3", False), ("-inf", False), ("a=b", False), ("", False)],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_told_from_a_number(cell: str, formula: bool) -> None:
    assert is_formula(cell) == formula


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\n" * 200_001, "200,001 lines, of which at most 200,000 are read: give a part of the table"),
        ("a\r" * 200_001, "200,001 lines, of which at most 200,000 are read: give a part of the table"),
        ("a;" * 5_000_001, "5,000,001 cells, of which at most 5,000,000 are read: give a part of the table"),
    ],
)
def test_a_table_has_so_many_lines_and_cells_at_most(tmp_path: Path, content: str, message: str) -> None:
    (file := tmp_path / "a.csv").write_text(content, newline="")
    for read in (read_rows, read_table):
        with pytest.raises(Misuse) as refusal:
            read(file)
        assert str(refusal.value) == f"{file}: {message}"


def test_so_many_lines_are_read(tmp_path: Path) -> None:
    (file := tmp_path / "a.csv").write_text("a\n" + "1\n" * 199_999)
    assert len(read_rows(file)) == 199_999


def test_rows_are_written_with_blanks_and_read_again(tmp_path: Path) -> None:
    rows = [{"arm": 'a "b", c', "fid": 1.5}, {"arm": "d", "more": 1}]
    with pytest.raises(ValueError, match="more"):
        csv_text(["arm", "fid"], rows)
    path = tmp_path / "table.csv"
    path.write_text(csv_text(["arm", "fid"], rows, others="ignore"))
    assert [row.cells for row in read_rows(path)] == [{"arm": 'a "b", c', "fid": "1.5"}, {"arm": "d", "fid": ""}]
