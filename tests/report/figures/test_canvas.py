"""The canvas that all figures are drawn on: names stay text, and a page keeps its colours and ids apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.canvas import VARIABLES, inline
from dcgan.report.figures.cost import cost
from dcgan.report.figures.intervals import arms, forest
from tests.report.figures.svg import SVG, texts

Write = Callable[..., Path]


def test_names_are_text_and_never_markup(csv_file: Write) -> None:
    evil = ["<script>alert(1)</script>", "$x^2$ & ]]>", "\"'><img src=x onerror=alert(1)>"]
    quoted = ['"' + arm.replace('"', '""') + '"' for arm in evil]
    lines = [f"{arm},{seed},{index + seed},{seed + 1}" for index, arm in enumerate(quoted) for seed in (0, 1)]
    analysis = analyse(from_csv(csv_file("arm,seed,fid,seconds", *lines)))
    for draw in (forest, arms, cost):
        root = ElementTree.fromstring(draw(analysis))  # noqa: S314 - our own
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}
        assert not tags & {"script", "img"}
    assert "$x^2$ & ]]>" in texts(forest(analysis))


def test_inside_a_page_a_figure_takes_its_colours_and_keeps_its_ids_to_itself(analysis: Analysis) -> None:
    svg = inline(forest(analysis), "one")
    assert "<?xml" not in svg and "<style" not in svg
    assert not [colour for colour in VARIABLES if f": {colour}" in svg]
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert used
    assert used <= ids
    assert all(name.startswith("one-") for name in ids)


@pytest.mark.filterwarnings("error")
def test_letters_that_the_drawing_font_lacks_are_left_to_the_readers(csv_file: Write) -> None:
    analysis = analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "bare,1,3", "学習率,0,3", "学習率,1,5")))
    assert "学習率" in texts(forest(analysis))
