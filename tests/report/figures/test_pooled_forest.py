"""The figure of several studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dcgan.comparison.from_table import from_csv
from dcgan.comparison.several import Several, put_together
from dcgan.report.figures.pooled_forest import has_pooled_forest, pooled_forest
from tests.known_studies import csv_file
from tests.report.figures.svg import texts
from tests.several_sources import table_of

__all__ = ["csv_file"]


@pytest.fixture
def several(csv_file: Callable[..., Path]) -> Several:
    tables = {
        "one": table_of(csv_file, "one", good=-0.3),
        "two": table_of(csv_file, "two", level=3.0, good=-0.4, own=0.2),
    }
    return put_together({name: from_csv(path) for name, path in tables.items()})


def test_every_tip_has_a_row_with_a_dot_a_study(several: Several) -> None:
    svg = pooled_forest(several)
    words = texts(svg)
    assert {"good", "own", "not pooled", "helps in all 2", "in one study only"} <= set(words)
    assert (svg.count("study 1: "), svg.count("study 2: "), svg.count("seed")) == (1, 2, 0)
    assert "and its studies" in svg  # for those who do not see it
    assert pooled_forest(several) == svg


def test_a_narrow_one_has_them_too(several: Several) -> None:
    assert {"good", "own"} <= set(texts(pooled_forest(several, narrow=True)))


def test_effects_in_units_of_their_own_have_no_common_axis(several: Several) -> None:
    assert has_pooled_forest(several)
    assert not has_pooled_forest(replace(several, unpooled="other units"))
