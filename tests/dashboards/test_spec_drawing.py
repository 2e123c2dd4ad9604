"""The drawing of a specification: well-formed, complete, and nothing outside of it or upon another thing."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dcgan.dashboards.spec_drawing import draw
from dcgan.dashboards.specification import specification
from dcgan.dashboards.view_lines import shown_sections
from dcgan.dashboards.wandb_report import wandb_report
from dcgan.dashboards.workspace import workspace
from tests.dashboards.scored import ODD, some_facts

SVG = "{http://www.w3.org/2000/svg}"
FACTS = [
    some_facts(),
    some_facts(baseline=ODD, arms={ODD: ODD, **{f"<arm>&{number}": "x" for number in range(40)}}),
    some_facts(verdicts=""),
]


@pytest.mark.parametrize("facts", FACTS, ids=["usual", "odd", "early"])
@pytest.mark.parametrize("kind", ["workspace", "report"])
def test_every_section_and_panel_is_there_and_inside(facts: object, kind: str) -> None:
    made = (
        workspace(facts, "me", "small") if kind == "workspace" else wandb_report(facts, "me", "small", is_bound=False)
    )
    spec = specification(made)
    root = ElementTree.fromstring(draw(spec, "small <&>"))  # noqa: S314 - our own
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    written = [text.text or "" for text in root.iter(f"{SVG}text")]
    for section in shown_sections(spec):
        assert section.name in written
        assert all(
            any(panel.title[:12] in text for text in written) for panel in section.panels if panel.kind != "text"
        )
    assert all(
        0 < float(text.get("y", 0)) < height and 0 <= float(text.get("x", 0)) < width
        for text in root.iter(f"{SVG}text")
    )
    assert "small <&>" in written
    assert root.get("role") == "img"
    boxes = [
        tuple(float(box.get(key, 0)) for key in ("x", "y", "width", "height"))
        for box in root.iter(f"{SVG}rect")
        if box.get("stroke")
    ]
    assert len(boxes) == sum(len(section.panels) for section in shown_sections(spec))
    for index, (x, y, w, h) in enumerate(boxes):
        assert x + w <= width
        assert y + h <= height
        assert all(x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y for x2, y2, w2, h2 in boxes[index + 1 :])


def test_the_same_specification_is_the_same_drawing() -> None:
    first, second = (draw(specification(workspace(some_facts(), "me", "small")), "small") for _ in range(2))
    assert first == second


def test_no_drawing_s_attributes_hold_a_name() -> None:
    facts = some_facts(baseline='"><script>', arms={'"><script>': "x"})
    assert "<script>" not in draw(specification(workspace(facts, "me", "small")), '"><script>')
