"""Text in a drawing: escaped, in lines that fit, tables in columns."""

from __future__ import annotations

from xml.etree import ElementTree

from dcgan.dashboards.drawn_text import fitting, lines, markdown, write

TABLE = "| compared | FID \\[95 %\\] |\n| --- | --- |\n| he\\_init \\| x | &lt; 3 |\n| " + "y" * 300 + " | 4 |"


def texts(svg: str) -> list[tuple[float, float, str]]:
    root = ElementTree.fromstring(f"<g>{svg}</g>")  # noqa: S314 - our own
    return [(float(each.get("x", 0)), float(each.get("y", 0)), each.text or "") for each in root.iter("text")]


def test_text_is_escaped_and_without_what_xml_cannot_hold() -> None:
    assert texts(write(1, 2, "<b> & \"'\x00\n", "text")) == [(1, 2, "<b> & \"'\ufffd")]


def test_lines_are_as_long_as_fits_and_below_each_other() -> None:
    drawn, end = lines("word " * 40, 10, 20, 120, "text")
    found = texts(drawn)
    assert all(len(text) <= fitting(120, "text") for _, _, text in found)
    assert [y for _, y, _ in found] == [20 + 15 * index for index in range(len(found))]
    assert end == 20 + 15 * len(found)
    assert " ".join(text for _, _, text in found).split() == ["word"] * 40


def test_a_table_is_read_as_it_was_meant_and_fits() -> None:
    drawn, end = markdown(TABLE, 0, 0, 400)
    found = texts(drawn)
    assert [text for _, _, text in found[:4]] == ["compared", "FID [95 %]", "he_init | x", "< 3"]
    assert found[0][0] == found[2][0] < found[1][0] == found[3][0] < 400
    assert found[4][2].endswith("…")
    assert end > found[-1][1]


def test_paragraphs_quotes_and_lists_are_lines() -> None:
    drawn, _ = markdown("**Bold.**\n\n> **Partial.** 3 of 4\n\n- one\n- two", 0, 0, 400)
    assert [text for _, _, text in texts(drawn)] == ["Bold.", "Partial. 3 of 4", "- one", "- two"]
    assert drawn.count('font-weight="600"') == 1
