"""Effect beside cost is drawn only where times are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.cost import cost, has_cost
from tests.report.figures.svg import texts

Write = Callable[..., Path]


def test_costs_are_drawn_only_where_there_are_any(analysis: Analysis, csv_file: Write) -> None:
    assert has_cost(analysis)
    assert {"he_init", "batch_norm"} <= set(texts(cost(analysis)))
    assert not has_cost(analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3"))))
