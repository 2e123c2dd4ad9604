"""Marks and tags: text is never touched, whatever it looks like."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.common.drawing.canvas import INK, Canvas, drawing
from dcgan.common.drawing.svg import Mark, allowed, inline, marked

SVG = "{http://www.w3.org/2000/svg}"
TRAPS = (
    "font-family: x",
    'x style="font-family: y"',
    ' transform="rotate(-0 1 2)"',
    f"fill: {INK}",
    "url(#p) id=\"a\" xlink:href='#b'",
    "<metadata>a</metadata>",
    '<g id="marks-0"/>',
    "]]> & -- \x00 \x1b \ud800 \ufffe",
)


@drawing
def _drawn(name: str) -> str:
    canvas = Canvas(200, 100, name, name)
    axes = canvas.axes(10, 10, 180, 80)
    axes.set(xlim=(0, 10), ylim=(0, 10))
    canvas.marks(axes, [Mark(5, 5, name)], INK, 3.0)
    canvas.text(10, 20, name)
    return canvas.svg()


def _check(name: str) -> None:
    file = _drawn(name)
    for svg in (file, inline(file, "page", {INK: "--ink"})):
        root = ElementTree.fromstring(svg)  # noqa: S314 - our own
        assert root.findtext(f"{SVG}desc") == root.findtext(f"{SVG}title") == allowed(name)
        assert [node.text for node in root.iter(f"{SVG}title")] == [allowed(name)] * 2
        assert allowed(name) in [node.text for node in root.iter(f"{SVG}text")]
        assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
            "svg", "title", "desc", "defs", "style", "g", "path", "text", "circle", "clipPath", "rect",
        }  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_text_that_looks_like_a_drawing_stays_text(name: str) -> None:
    _check(name)


@given(st.text(min_size=1, max_size=30).filter(lambda text: allowed(text).strip() != ""))
def test_any_text_stays_text(name: str) -> None:
    _check(name)


def test_a_mark_stands_where_its_value_is_and_tells_it() -> None:
    root = ElementTree.fromstring(_drawn("here"))  # noqa: S314 - our own
    (dot,) = root.iter(f"{SVG}circle")
    assert (dot.get("cx"), dot.get("cy")) == ("100", "50")
    assert dot.findtext(f"{SVG}title") == "here"


def test_dots_without_a_title_are_one_path_and_a_face_is_kept() -> None:
    many = marked([Mark(float(x), 1.0) for x in range(100)], INK, 2.0)
    assert many.count("<path") == 1 and many.count("h0") == 100 and "<circle" not in many
    ring = marked([Mark(1.0, 1.0)], INK, 2.0, face="#ffffff")
    assert "fill: #ffffff; stroke: #1b1f24" in ring and '<circle cx="1" cy="1" r="2"/>' in ring


@pytest.mark.parametrize("shape", ["diamond", "left", "right", "up", "down", "bar", "dash"])
def test_shapes_are_around_their_point(shape: str) -> None:
    """The steps of the path, followed: as far to the left as to the right, or upwards from the point for a bar."""
    import re

    group = marked([Mark(50.0, 50.0, shape=shape, height=9.0)], INK, 4.0)  # type: ignore[arg-type]
    (path,) = re.findall(r'd="M([^"]+)z"', group)
    start, *steps = re.findall(r"[a-z]?[^a-z]+", path)
    x, y = map(float, start.split())
    corners = [(x, y)]
    for step in steps:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", step[1:])]
        if step[0] == "l":
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        else:
            pairs = [(numbers[0], 0.0) if step[0] == "h" else (0.0, numbers[0])]
            pairs += [] if len(numbers) == 1 else [(0.0, 0.0)]
        for across, down in pairs:
            x, y = x + across, y + down
            corners.append((x, y))
    across = [corner[0] for corner in corners]
    assert (min(across), max(across)) == (46.0, 54.0)
    down = [corner[1] for corner in corners]
    expected = {"bar": (41.0, 50.0), "dash": (49.0, 51.0)}.get(shape, (46.0, 54.0))
    assert (min(down), max(down)) == expected
