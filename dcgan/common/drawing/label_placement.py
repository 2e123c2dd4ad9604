"""Where names stand beside points so that none covers another: boxes in pixels, y downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]

_NEAR = 8.0  # from a point to its name
_MARK = 5.0  # half the width of a point's own mark
_DISTANCES = (_NEAR, 13.0, 20.0, 30.0, 42.0, 56.0, 72.0, 90.0, 112.0, 140.0, 175.0, 215.0, 260.0)
_DIRECTIONS = 16
_STEP = 3.0  # between the points of a leader that are looked at


def place(points: Sequence[Point], sizes: Sequence[Point], area: Box, taken: Sequence[Box] = ()) -> list[Box | None]:
    """A box of each size near its point, within the area, that meets no other one, no point and nothing `taken`.

    The nearest that is free, to the right first, with a line from the point to it that meets no box either, where there
    is such a place. None where no place is free. Points in a crowd choose first. Takes a time that grows with the
    square of their number.
    """
    boxes: list[Box | None] = [None] * len(points)
    marks = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in points]
    names: list[Box] = list(taken)
    lines: list[Box] = []
    for index in sorted(range(len(points)), key=lambda each: (-_neighbours(points, each), each)):
        others = [*names, *lines, *marks]
        free = partial(_free, points[index], sizes[index], area)
        # A name that is walled in lets its line pass beneath others rather than be left out.
        box = free(_array(others), _array(names)) or free(_array([*names, *marks]), _array([]))
        if box is not None:
            boxes[index] = box
            names.append(box)
            lines += [(x - 1.0, y - 1.0, x + 1.0, y + 1.0) for x, y in _along(leader(points[index], box)).tolist()]
    return boxes


def leader(point: Point, box: Box) -> tuple[Point, Point] | None:
    """The line from a point to the box of its name; None where they are beside each other."""
    end = (min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3]))
    return (point, end) if math.dist(point, end) > _NEAR + 4.0 else None


def column(heights: Sequence[float], apart: float, top: float, bottom: float) -> list[float] | None:
    """Heights of names in a column, each near that of its point, in the same order; None where they do not fit.

    Example:
        >>> column([10.0, 12.0, 50.0], 10.0, 0.0, 100.0)
        [6.0, 16.0, 50.0]
    """
    if apart * (len(heights) - 1) > bottom - top:
        return None
    order = sorted(range(len(heights)), key=lambda index: (heights[index], index))
    # Runs of names that touch, each around the mean of what its names want, as far as the ends allow.
    runs: list[tuple[float, int]] = []  # the wanted height of the first name, summed over the names, and their number
    for index in order:
        total, count = heights[index], 1
        while runs and _first(*runs[-1], apart, top, bottom) + runs[-1][1] * apart > _first(
            total, count, apart, top, bottom
        ):
            before, names = runs.pop()
            total, count = before + total - names * apart * count, names + count
        runs.append((total, count))
    placed = [_first(total, count, apart, top, bottom) + apart * step for total, count in runs for step in range(count)]
    return [height for _, height in sorted(zip(order, placed, strict=True))]


def _first(total: float, count: int, apart: float, top: float, bottom: float) -> float:
    return min(max(total / count, top), bottom - apart * (count - 1))


def _neighbours(points: Sequence[Point], index: int) -> int:
    x, y = points[index]
    return sum(abs(x - other) < 90.0 and abs(y - height) < 30.0 for other, height in points)


def _free(point: Point, size: Point, area: Box, others: NDArray[np.float64], names: NDArray[np.float64]) -> Box | None:
    """The first candidate that meets none of the others, with a leader that meets no name."""
    for distance in _DISTANCES:
        for turn in range(_DIRECTIONS):
            # 0, +1, -1, +2, -2, ...: to the right first, then above and below, to the left last.
            angle = 2 * math.pi / _DIRECTIONS * ((turn + 1) // 2) * (1 if turn % 2 else -1)
            box = _candidate(point, size, distance, angle)
            if not (area[0] <= box[0] and area[1] <= box[1] and box[2] <= area[2] and box[3] <= area[3]):
                continue
            if not _meets(box, others) and not _crosses(_along(leader(point, box)), names):
                return box
    return None


def _candidate(point: Point, size: Point, distance: float, angle: float) -> Box:
    x = point[0] + math.cos(angle) * (distance + size[0] / 2)
    y = point[1] + math.sin(angle) * (distance + size[1] / 2)
    return (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)


def _array(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return np.array(boxes, dtype=float).reshape(-1, 4)


def _meets(box: Box, others: NDArray[np.float64]) -> bool:
    left, top, right, bottom = others.T
    return bool(np.any((left < box[2]) & (box[0] < right) & (top < box[3]) & (box[1] < bottom)))


def _along(line: tuple[Point, Point] | None) -> NDArray[np.float64]:
    """[points, 2], points along a line; none of no line."""
    if line is None:
        return np.empty((0, 2))
    return np.linspace(*line, max(2, math.ceil(math.dist(*line) / _STEP)))


def _crosses(points: NDArray[np.float64], boxes: NDArray[np.float64]) -> bool:
    across, down = points[:, :1], points[:, 1:]
    left, top, right, bottom = boxes.T
    return bool(np.any((left < across) & (across < right) & (top < down) & (down < bottom)))
