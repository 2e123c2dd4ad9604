"""Seeds on a line: a dot each, bars of many, and nothing beyond the axis is lost."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dcgan.common.drawing.seed_marks import MOST_DOTS, marks_of


def _write(value: float) -> str:
    return f"{value:.1f}"


def test_few_are_dots_with_their_value() -> None:
    marks = marks_of({3: 1.0, 7: 2.0}, (0.0, 4.0), 10.0, 400.0, _write)
    assert [(mark.x, mark.y, mark.title, mark.shape) for mark in marks.inside] == [
        (1.0, 10.0, "seed 3: 1.0", "dot"),
        (2.0, 10.0, "seed 7: 2.0", "dot"),
    ]
    assert not marks.beyond
    studies = marks_of({3: 1.0, 7: 9.0}, (0.0, 4.0), 10.0, 400.0, _write, noun="study")
    assert [mark.title for mark in (*studies.inside, *studies.beyond)] == [
        "study 3: 1.0",
        "beyond the picture: study 7: 9.0",
    ]


def test_what_lies_beyond_is_an_arrow_each_with_all_values() -> None:
    marks = marks_of({0: -9.0, 1: 2.0, 2: 50.0, 3: 60.0}, (0.0, 4.0), 10.0, 400.0, _write)
    assert [mark.title for mark in marks.inside] == ["seed 1: 2.0"]
    assert [(mark.shape, round(mark.x, 2)) for mark in marks.beyond] == [("left", 0.0), ("right", 4.0), ("right", 3.94)]
    assert marks.beyond[1].title == "beyond the picture: seed 2: 50.0, seed 3: 60.0"


@pytest.mark.parametrize("more", [0, 1])
def test_many_are_bars_that_count_them_all(more: int) -> None:
    values = dict(enumerate(np.random.default_rng(0).normal(0, 1, MOST_DOTS + more).tolist()))
    marks = marks_of(values, (-5.0, 5.0), 10.0, 400.0, _write)
    if not more:
        assert len(marks.inside) == MOST_DOTS
        return
    assert {mark.shape for mark in marks.inside} == {"bar"}
    assert sum(int(re.match(r"\d+", mark.title)[0]) for mark in marks.inside) == len(values)  # type: ignore[index]
    assert max(mark.height for mark in marks.inside) == 13.0


def test_many_beyond_are_one_arrow() -> None:
    marks = marks_of(dict(enumerate(float(k) for k in range(100))), (0.0, 9.5), 10.0, 400.0, _write)
    assert len(marks.beyond) == 1
    assert marks.beyond[0].title.endswith("and 78 more")


def test_nothing_is_told_where_nothing_can_be_pointed_at() -> None:
    marks = marks_of({0: 1.0, 1: 9.0}, (0.0, 4.0), 10.0, 400.0, None)
    assert {mark.title for mark in (*marks.inside, *marks.beyond)} == {""}
