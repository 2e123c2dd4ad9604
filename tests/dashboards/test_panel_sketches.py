"""Sketches of panels: of every kind that is made, within their size, in the arms' colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from dcgan.dashboards.panel_sketches import sketch
from dcgan.dashboards.specification import specification
from dcgan.dashboards.view_lines import shown_sections
from dcgan.dashboards.workspace import workspace
from tests.dashboards.scored import some_facts

COLOURS = ("#111111", "#222222", "#333333")
KINDS = sorted(
    {
        panel.kind
        for section in shown_sections(specification(workspace(some_facts(), "me", "small")))
        for panel in section.panels
    }
    - {"text"}
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sketch_that_stays_in_its_box(kind: str) -> None:
    drawn = ElementTree.fromstring(f"<g>{sketch(kind, (300.0, 60.0), COLOURS)}</g>")  # noqa: S314 - our own
    assert len(drawn)
    for element in drawn:
        if element.tag == "rect":
            assert float(element.get("x", "0")) + float(element.get("width", "0")) <= 300
            assert float(element.get("y", "0")) + float(element.get("height", "0")) <= 60
        if element.tag == "path" and "L" in element.get("d", ""):
            points = re.findall(r"([\d.-]+) ([\d.-]+)", element.get("d", ""))
            assert all(0 <= float(x) <= 300 and 0 <= float(y) <= 60 for x, y in points)


@pytest.mark.parametrize("kind", ["bars", "curves", "media", "parallel coordinates", "scatter"])
def test_arms_have_their_colours(kind: str) -> None:
    assert all(colour in sketch(kind, (300.0, 60.0), COLOURS) for colour in COLOURS)


def test_an_unknown_kind_has_none() -> None:
    assert sketch("weave", (300.0, 60.0), COLOURS) == ""
