"""Effect beside cost: drawn only where times are known, legible with an outlier and with many arms."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dcgan.common.drawing.canvas import text_size
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.cost import cost, has_cost
from tests.report.figures.svg import SVG, texts, titles

Write = Callable[..., Path]


def _table(csv_file: Write, arms: int, *, wild: bool = False) -> Analysis:
    rows = []
    for seed in range(4):
        rows.append(f"bare,{seed},{30 + seed},10")
        for arm in range(arms):
            fid = (30 + seed) * math.exp(0.3 * math.sin(3.7 * arm) + 0.02 * math.sin(arm + 5 * seed))
            seconds = 10 * math.exp(0.4 * math.cos(2.3 * arm))
            rows.append(f"gradient_tip_{arm:02d},{seed},{fid:.4f},{seconds:.3f}")
        if wild:
            rows += [f"slow,{seed},{29 + 1.02 * seed},9000", f"bad,{seed},{3000 + 95 * seed},11"]
    return analyse(from_csv(csv_file("arm,seed,fid,seconds", *rows)))


def test_costs_are_drawn_only_where_there_are_any(analysis: Analysis, csv_file: Write) -> None:
    assert has_cost(analysis)
    assert {"he_init", "batch_norm"} <= set(texts(cost(analysis)))
    assert not has_cost(analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3"))))


def _boxes(svg: str, names: str) -> list[tuple[float, float, float, float]]:
    """The boxes of texts that begin so, by their sizes in the font of the drawing."""
    boxes = []
    for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):  # noqa: S314 - our own
        if str(node.text).startswith(names):
            width, height = text_size(str(node.text), 11.5)
            x, y = float(str(node.get("x"))), float(str(node.get("y")))
            boxes.append((x, y - height, x + width, y))
    return boxes


@pytest.mark.parametrize("narrow", [False, True])
def test_the_names_of_forty_arms_are_there_and_none_covers_another(csv_file: Write, narrow: bool) -> None:
    svg = cost(_table(csv_file, 40), narrow=narrow)
    boxes = _boxes(svg, "gradient")
    assert len(boxes) == 40
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
    width = 380 if narrow else 860
    assert all(box[0] >= 0 and box[2] <= width for box in boxes)


def test_one_far_arm_flattens_nothing_and_is_not_lost(csv_file: Write) -> None:
    svg = cost(_table(csv_file, 8, wild=True))
    shown = texts(svg)
    assert any(re.match(r"slow \(.*, ×900 time\)", text) for text in shown)  # noqa: RUF001
    assert any(re.match(r"bad \(×", text) for text in shown)  # noqa: RUF001
    assert len([title for title in titles(svg) if " time" in title]) == 10 + 1  # the picture's own says it, too
    boxes = _boxes(svg, "gradient")
    assert max(box[0] for box in boxes) - min(box[0] for box in boxes) > 300


def test_ratios_are_shown_as_ratios_and_differences_as_differences(csv_file: Write) -> None:
    analysis = _table(csv_file, 5)
    assert any(text.endswith("relative difference in FID, against bare") for text in texts(cost(analysis)))
    plain = analyse(analysis.results, scale="difference")
    assert any(text.endswith("upright: difference in FID, against bare") for text in texts(cost(plain)))


def test_more_names_than_there_is_room_for_are_told_of(csv_file: Write) -> None:
    svg = cost(_table(csv_file, 80))
    assert "80 of 80 names: see the table" in texts(svg)
