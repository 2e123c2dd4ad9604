"""The figures: well-formed, the same bytes every time, complete, and harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

from dcgan.common.drawing.canvas import VARIABLES, inline
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.cost import cost
from dcgan.report.figures.curves import curves
from dcgan.report.figures.intervals import arms, forest
from dcgan.report.figures.resolution_curve import resolution_curve
from tests.report.figures.svg import SVG, described, texts

Write = Callable[..., Path]
ALL = {"forest": forest, "arms": arms, "curves": curves, "cost": cost, "resolution": resolution_curve}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("narrow", [False, True])
def test_a_figure_is_the_same_every_time_whatever_the_users_settings(
    analysis: Analysis, name: str, narrow: bool
) -> None:
    first = ALL[name](analysis, narrow=narrow)
    with matplotlib.rc_context(
        {"svg.fonttype": "path", "font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "other"}
    ):
        assert ALL[name](analysis, narrow=narrow) == first
    assert ElementTree.fromstring(first).tag == f"{SVG}svg"  # noqa: S314 - our own
    assert not re.search(r"https?://(?!www\.w3\.org/)", first)
    assert len(described(first)) > 20


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
