"""A sheet: the same bytes every time, names where there is room, text of one line."""

from __future__ import annotations

from xml.etree import ElementTree

import matplotlib
import pytest

from dcgan.common.drawing.canvas import INK, Canvas, drawing, text_size
from dcgan.common.drawing.label_placement import Box
from dcgan.common.drawing.svg import Mark

SVG = "{http://www.w3.org/2000/svg}"
WHOLE: Box = (0.0, 0.0, 300.0, 200.0)


@drawing
def _named(names: list[str], area: Box = WHOLE) -> tuple[str, int]:  # type: ignore[type-var]
    canvas = Canvas(300, 200, "names", "beside points")
    axes = canvas.axes(20, 20, 260, 160)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    left_out = canvas.names(axes, [(0.5, 0.5, name) for name in names], area)
    canvas.marks(axes, [Mark(0.5, 0.5, name) for name in names], INK, 4.0)
    return canvas.svg(), left_out


def test_a_drawing_has_the_same_bytes_whatever_the_settings() -> None:
    first, _ = _named(["a", "b"])
    with matplotlib.rc_context({"svg.fonttype": "path", "font.size": 30, "svg.hashsalt": "other"}):
        assert _named(["a", "b"])[0] == first


def test_names_stand_where_there_is_room_and_the_others_are_counted() -> None:
    svg, left_out = _named(["one", "two", "three"])
    texts = [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own
    assert {"one", "two", "three"} <= set(texts) and left_out == 0
    assert _named(["one", "two"], (0.0, 0.0, 10.0, 10.0))[1] == 2


@pytest.mark.parametrize("name", ["two\nlines", "\u4e2d\u6587", "\x07"])
def test_a_letter_that_the_font_lacks_is_no_complaint(name: str, recwarn: pytest.WarningsRecorder) -> None:
    _named([name])
    assert not list(recwarn)


def test_a_longer_text_is_wider() -> None:
    assert text_size("mmmm", 12)[0] > text_size("iiii", 12)[0] > 0
    assert text_size("mmmm", 24)[0] == pytest.approx(2 * text_size("mmmm", 12)[0], rel=0.1)
