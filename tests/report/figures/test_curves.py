"""Curves along the training are drawn only where there are any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.curves import curves, has_curves
from tests.report.figures.svg import texts

Write = Callable[..., Path]


def test_curves_are_drawn_only_where_there_are_any(analysis: Analysis, csv_file: Write) -> None:
    assert has_curves(analysis)
    assert {"bare", "he_init on", "images seen"} <= set(texts(curves(analysis)))
    assert not has_curves(analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3"))))
