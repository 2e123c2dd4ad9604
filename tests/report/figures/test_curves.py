"""Curves along the training are drawn only where there are any."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.curves import curves, has_curves
from tests.report.figures.svg import SVG, texts

Write = Callable[..., Path]


def test_curves_are_drawn_only_where_there_are_any(analysis: Analysis, csv_file: Write) -> None:
    assert has_curves(analysis)
    assert {"bare", "he_init on", "images seen"} <= set(texts(curves(analysis)))
    assert not has_curves(analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3"))))


def _with_seeds(analysis: Analysis, seeds: int) -> Analysis:
    points = [
        {"arm": arm.arm, "seed": seed, "images": images, "fid": 30.0 + seed % 7 + 900 / images}
        for arm in analysis.arms
        for seed in range(seeds)
        for images in (100, 200, 300)
    ]
    return replace(analysis, results=replace(analysis.results, curves=pd.DataFrame(points)))


def test_every_seed_is_a_line_and_many_are_a_band(analysis: Analysis) -> None:
    """Of the lines of a panel, the one of all seeds begins anew as often as there are seeds."""

    def begun(seeds: int) -> tuple[int, bool]:
        root = ElementTree.fromstring(curves(_with_seeds(analysis, seeds)))  # noqa: S314 - our own
        outlines = [str(node.get("d")) for node in root.iter(f"{SVG}path")]
        most = max(len(re.findall("M", outline)) for outline in outlines)
        return most, any("fill-opacity: 0.2" in str(node.get("style")) for node in root.iter())

    assert begun(9) == (9, False)
    most, band = begun(60)
    assert most == 1 and band
    assert not [text for text in texts(curves(_with_seeds(analysis, 3))) if text.startswith("\u2212")]  # no FID below 0
