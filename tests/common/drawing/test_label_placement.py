"""Names beside points: no box over another, by their sizes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dcgan.common.drawing.label_placement import Box, column, leader, place

AREA: Box = (0.0, 0.0, 800.0, 500.0)


def meets(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("crowd", [300.0, 100.0, 0.0])
def test_forty_names_find_a_place_each_and_none_covers_another(crowd: float) -> None:
    random = np.random.default_rng(0)
    points = [(400 + crowd * x, 250 + crowd / 2 * y) for x, y in random.uniform(-1, 1, (40, 2)).tolist()]
    boxes = place(points, [(90.0, 14.0)] * 40, AREA)
    there = [box for box in boxes if box is not None]
    assert len(there) == 40
    assert not any(meets(one, other) for one, other in itertools.combinations(there, 2))
    for box in there:
        assert AREA[0] <= box[0] and AREA[1] <= box[1] and box[2] <= AREA[2] and box[3] <= AREA[3]
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((90.0, 14.0))
        assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in points)


def test_a_lone_name_stands_to_the_right_without_a_leader() -> None:
    ((left, top, right, bottom),) = (box for box in place([(100.0, 100.0)], [(50.0, 10.0)], AREA) if box)
    assert 100 < left < 115 and (top + bottom) / 2 == pytest.approx(100.0)
    assert leader((100.0, 100.0), (left, top, right, bottom)) is None


def test_what_is_taken_stays_free_and_no_leader_crosses_a_name() -> None:
    wall: Box = (120.0, 0.0, 800.0, 500.0)
    points = [(100.0, 100.0 + 15 * k) for k in range(8)]
    boxes = place(points, [(60.0, 12.0)] * 8, (-500.0, 0.0, 800.0, 500.0), [wall])
    assert all(box is not None and not meets(box, wall) for box in boxes)
    for point, box in zip(points, boxes, strict=True):
        line = leader(point, box) if box else None
        for other in boxes:
            if line and other and other != box:
                (x, y), (end, height) = line
                for share in np.linspace(0, 1, 50).tolist():
                    across, down = x + share * (end - x), y + share * (height - y)
                    assert not (other[0] + 1 < across < other[2] - 1 and other[1] + 1 < down < other[3] - 1)


def test_where_there_is_no_room_there_is_no_name() -> None:
    assert place([(5.0, 5.0)], [(50.0, 10.0)], (0.0, 0.0, 40.0, 40.0)) == [None]


def test_a_leader_ends_at_the_near_side() -> None:
    line = leader((0.0, 0.0), (30.0, -5.0, 60.0, 5.0))
    assert line == ((0.0, 0.0), (30.0, 0.0))
    assert math.dist(*line) == 30.0


def test_a_column_keeps_order_distance_and_ends() -> None:
    random = np.random.default_rng(0)
    for count in (1, 2, 5, 10):
        heights = random.uniform(-5, 95, count).tolist()
        placed = column(heights, 9.0, 0.0, 90.0)
        assert placed is not None and min(placed) >= 0.0 and max(placed) <= 90.0
        falling = [placed[index] for index in np.argsort(heights).tolist()]
        assert all(later - before >= 9.0 - 1e-9 for before, later in itertools.pairwise(falling))
    assert column([10.0, 30.0], 9.0, 0.0, 90.0) == [10.0, 30.0]
    assert column([1.0, 2.0], 9.0, 0.0, 8.0) is None
    assert column([], 9.0, 0.0, 8.0) == []
