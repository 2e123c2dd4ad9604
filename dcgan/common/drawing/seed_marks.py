"""The values of many seeds on one line of a figure: a dot each, or, of many, bars of how many lie where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from dcgan.common.drawing.svg import Mark, Shape

MOST_DOTS = 50  # seeds: more dots would hide each other
_BAR, _HIGHEST = 4.0, 13.0  # pixels: the width of a bar, and the height of the highest
_MOST_EDGE = 4  # marks at one edge
_LISTED = 12  # values told of those beyond an edge


@dataclass(frozen=True)
class SeedMarks:
    """Marks within the limits, half of their width in pixels, and those at the edges for what lies beyond."""

    inside: list[Mark]
    size: float
    beyond: list[Mark]


def marks_of(
    values: Mapping[int, float],
    limits: tuple[float, float],
    middle: float,
    width: float,
    write: Callable[[float], str] | None,
    *,
    noun: str = "seed",
) -> SeedMarks:
    """Marks of a value a seed, or whatever `noun` is, at height `middle`, on an axis `width` pixels long with those
    limits.

    Up to 50 are dots with the value when pointed at, more are bars with their number; nothing is told where `write` is
    None. Values beyond the limits are arrows at the edge, one each up to four, of which the outermost lists them.
    `noun`: what a value is of, if not of a seed.
    """
    low, high = limits
    many = len(values) > MOST_DOTS
    within = {seed: value for seed, value in values.items() if low <= value <= high}
    step = 6.0 * (high - low) / width
    beyond: list[Mark] = []
    arrows: tuple[tuple[Shape, dict[int, float], float, float], ...] = (
        ("left", {seed: value for seed, value in values.items() if value < low}, low, step),
        ("right", {seed: value for seed, value in values.items() if value > high}, high, -step),
    )
    for shape, those, edge, inwards in arrows:
        for place in range(1 if many else min(len(those), _MOST_EDGE)) if those else ():
            title = _listed(those, write, noun) if write else ""
            beyond.append(Mark(edge + place * inwards, middle, title, shape))
    if many:
        return SeedMarks(_bars(list(within.values()), limits, middle, width, write), _BAR / 2 - 0.3, beyond)
    dots = [Mark(value, middle, f"{noun} {seed}: {write(value)}" if write else "") for seed, value in within.items()]
    return SeedMarks(dots, 2.5, beyond)


def _listed(values: Mapping[int, float], write: Callable[[float], str], noun: str) -> str:
    shown = [f"{noun} {seed}: {write(value)}" for seed, value in list(values.items())[:_LISTED]]
    more = f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return f"beyond the picture: {', '.join(shown)}{more}"


def _bars(
    values: list[float], limits: tuple[float, float], middle: float, width: float, write: Callable[[float], str] | None
) -> list[Mark]:
    """How many values lie where, the highest bar always as high."""
    counts, edges = np.histogram(values, bins=max(1, round(width / _BAR)), range=limits)
    marks = []
    for count, left, right in zip(counts.tolist(), edges.tolist(), edges.tolist()[1:], strict=False):
        if count:
            title = f"{count} seeds from {write(left)} to {write(right)}" if write else ""
            height = max(_HIGHEST * count / counts.max(), 1.0)
            marks.append(Mark((left + right) / 2, middle + _HIGHEST / 2, title, "bar", height))
    return marks
