"""A sketch of each kind of panel, as SVG: what it will look like, of no data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from dcgan.common.drawing.canvas import FAINT, LINE, MUTED

Size = tuple[float, float]


def sketch(kind: str, size: Size, colours: Sequence[str]) -> str:
    """The sketch of that kind from 0, 0 to `size` (width, height; pixels), its lines in these colours. Nothing for a
    kind that has none."""
    draw = _SKETCHES.get(kind)
    return "" if draw is None else draw(size, colours)


def _curves(size: Size, colours: Sequence[str]) -> str:
    """The mean of each arm and its range, falling at different rates."""
    width, height = size
    parts = [_axes(size)]
    for index, colour in enumerate(colours):
        rate, floor = 3.4 - 0.8 * index, height * (0.74 - 0.17 * index)
        points = [
            (width * step / 12, height * 0.1 + (floor - height * 0.1) * (1 - math.exp(-rate * step / 12)))
            for step in range(13)
        ]
        spread = [height * (0.03 + 0.05 * step / 12) for step in range(13)]
        upper = [(x, y - s) for (x, y), s in zip(points, spread, strict=True)]
        lower = [(x, y + s) for (x, y), s in zip(points, spread, strict=True)]
        parts.append(f'<path d="{_path([*upper, *reversed(lower)])}z" fill="{colour}" opacity="0.16"/>')
        parts.append(f'<path d="{_path(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "".join(parts)


def _bars(size: Size, colours: Sequence[str]) -> str:
    """A bar an arm, lying, with its range."""
    width, height = size
    step = height / max(len(colours), 1)
    parts = [f'<path d="M0 0V{height:.0f}" stroke="{LINE}"/>']
    for index, colour in enumerate(colours):
        length, y = width * (0.82 - 0.2 * index), step * (index + 0.5)
        bar = f'x="0" y="{y - step * 0.28:.1f}" width="{length:.1f}" height="{step * 0.56:.1f}"'
        parts.append(f'<rect {bar} rx="2" fill="{colour}" opacity="0.75"/>')
        parts.append(f'<path d="M{length - 14:.1f} {y:.1f}h28" stroke="{MUTED}" stroke-width="1.5"/>')
    return "".join(parts)


def _scatter(size: Size, colours: Sequence[str]) -> str:
    width, height = size
    shares = ((0.2, 0.25), (0.34, 0.62), (0.48, 0.4), (0.62, 0.8), (0.78, 0.55), (0.9, 0.3))
    dots = [
        f'<circle cx="{width * x:.1f}" cy="{height * y:.1f}" r="4.5" fill="{colours[index % len(colours)]}"/>'
        for index, (x, y) in enumerate(shares)
    ]
    return _axes(size) + "".join(dots)


def _parallel(size: Size, colours: Sequence[str]) -> str:
    """Four axes, and a line through them for each arm."""
    width, height = size
    across = [width * share for share in (0.04, 0.34, 0.64, 0.96)]
    axes = "".join(f'<path d="M{x:.1f} 0v{height:.0f}" stroke="{LINE}" stroke-width="1.5"/>' for x in across)
    levels = ((0.85, 0.15, 0.85, 0.75), (0.15, 0.15, 0.85, 0.2), (0.85, 0.85, 0.15, 0.45))
    lines = [
        f'<path d="{_path([(x, height * y) for x, y in zip(across, shares, strict=True)])}" fill="none" '
        f'stroke="{colour}" stroke-width="2"/>'
        for shares, colour in zip(levels, colours, strict=False)
    ]
    return axes + "".join(lines)


def _importance(size: Size, colours: Sequence[str]) -> str:
    """A bar a setting, the most important first."""
    width, height = size
    rows = (0.86, 0.52, 0.3, 0.16)
    step = height / len(rows)
    return "".join(
        f'<rect x="0" y="{step * (index + 0.28):.1f}" width="{width * 0.24:.1f}" height="{step * 0.42:.1f}" rx="2" '
        f'fill="{FAINT}"/><rect x="{width * 0.28:.1f}" y="{step * (index + 0.28):.1f}" '
        f'width="{width * 0.7 * share:.1f}" height="{step * 0.42:.1f}" rx="2" fill="{colours[-1]}" opacity="0.75"/>'
        for index, share in enumerate(rows)
    )


def _media(size: Size, colours: Sequence[str]) -> str:
    """A row an arm, its grids growing clearer from left to right."""
    width, height = size
    step = height / max(len(colours), 1)
    side = step * 0.82
    count = max(int((width - 12) / (side + 8)), 1)
    parts = []
    for row, colour in enumerate(colours):
        parts.append(f'<rect x="0" y="{row * step:.1f}" width="4" height="{side:.1f}" rx="2" fill="{colour}"/>')
        for column in range(count):
            x, shade = 12 + column * (side + 8), 0.12 + 0.6 * column / count
            parts.append(f'<rect x="{x:.1f}" y="{row * step:.1f}" width="{side:.1f}" height="{side:.1f}" rx="2" ')
            parts.append(f'fill="{MUTED}" opacity="{shade:.2f}"/>')
    return "".join(parts)


def _axes(size: Size) -> str:
    return f'<path d="M0 0V{size[1]:.0f}H{size[0]:.0f}" fill="none" stroke="{LINE}"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


_SKETCHES: dict[str, Callable[[Size, Sequence[str]], str]] = {
    "curves": _curves,
    "bars": _bars,
    "scatter": _scatter,
    "parallel coordinates": _parallel,
    "importance": _importance,
    "media": _media,
}
