"""The figures: well-formed, the same bytes every time, complete, and harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

from dcgan.comparison.analysis import Analysis
from dcgan.report.figures.cost import cost
from dcgan.report.figures.curves import curves
from dcgan.report.figures.intervals import arms, forest
from tests.report.figures.svg import SVG

Write = Callable[..., Path]
ALL = {"forest": forest, "arms": arms, "curves": curves, "cost": cost}


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
