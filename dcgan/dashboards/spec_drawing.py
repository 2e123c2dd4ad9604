"""A specification as a drawing of its panels: what W&B will show, where W&B itself cannot be looked at."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from dcgan.common.drawing.canvas import BAND, FONTS, HELPS, HURTS, INK, LINE, MUTED, PAPER
from dcgan.common.drawing.svg import allowed
from dcgan.common.formatting import cut
from dcgan.dashboards.drawn_text import STEP, fitting, lines, markdown, safe, write
from dcgan.dashboards.panel_sketches import sketch
from dcgan.dashboards.view_lines import ShownPanel, ShownRuns, ShownSection, shown_colours, shown_runs, shown_sections

_WIDTH = 1060.0
_SIDE = 250.0  # of the column that tells of the runs
_EDGE = 20.0
_GAP = 14.0
_SKETCH = 74.0
_MOST_ARMS = 16
_OTHERS = (HELPS, HURTS)  # arms whose colours W&B chooses


def draw(spec: Mapping[str, Any], title: str) -> str:
    """The drawing of a workspace's or a report's specification as an SVG file: at the left which runs it is about and
    in which colours, then its sections, each panel with a sketch of its kind, its keys and how runs are put together.

    Names are escaped; text stays text. The sketches are of no data.
    """
    colours = shown_colours(spec)
    shades = [*colours.values(), *_OTHERS][:3]
    runs, side = _runs(shown_runs(spec), colours)
    parts, y = [], 74.0
    for section in shown_sections(spec):
        drawn, y = _section(section, _SIDE + 2 * _EDGE, y, shades)
        parts.append(drawn)
    height = max(y, side) + _EDGE
    kind = "report" if "blocks" in spec else "workspace"
    words = (
        f"The {kind} of {title} in W&B: its sections and panels. The sketches show kinds of panels and are of no data."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" aria-describedby="words" '
            f'width="{_WIDTH:.0f}" height="{height:.0f}" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" '
            f'font-family="{FONTS}" fill="{INK}">',
            f'<title id="title">{safe(f"W&B {kind}: {title}")}</title><desc id="words">{safe(words)}</desc>',
            f'<rect width="{_WIDTH:.0f}" height="{height:.0f}" fill="{PAPER}"/>',
            f'<rect width="{_WIDTH:.0f}" height="54" fill="{BAND}"/>',
            write(_EDGE, 34, cut(title, fitting(_WIDTH - 360, "name", mono=True)), "name", weight=600),
            write(_WIDTH - _EDGE, 34, f"W&B {kind}, drawn from its specification", "text", colour=MUTED, end=True),
            runs,
            *parts,
            "</svg>",
            "",
        ]
    )


def _runs(sets: Sequence[ShownRuns], colours: Mapping[str, str]) -> tuple[str, float]:
    """The column of the runs, and where it ends."""
    parts, y = [write(_EDGE, 92, "Runs", "heading", weight=600)], 116.0
    for each in sets:
        parts.append(write(_EDGE, y, each.name, "title", weight=600))
        y += STEP + 2
        for line in (each.filters, f"grouped by {each.grouping}", each.order):
            drawn, y = lines(line, _EDGE, y, _SIDE, "small")
            parts.append(drawn)
        y += 8
    parts.append(write(_EDGE, y + 8, "Colours that are pinned", "title", weight=600))
    y += 28
    for arm, colour in [*colours.items()][:_MOST_ARMS]:
        parts.append(f'<circle cx="{_EDGE + 6:.0f}" cy="{y - 4:.0f}" r="5" fill="{colour}"/>')
        parts.append(write(_EDGE + 18, y, cut(arm, fitting(_SIDE - 18, "text")), "text"))
        y += STEP + 3
    if len(colours) > _MOST_ARMS:
        parts.append(write(_EDGE + 18, y, f"and {len(colours) - _MOST_ARMS} more", "text", colour=MUTED))
        y += STEP + 3
    parts.append(write(_EDGE, y + 12, "Columns of the table", "title", weight=600))
    drawn, y = lines(", ".join(sets[0].columns), _EDGE, y + 30, _SIDE, "small")
    return "\n".join([*parts, drawn]), y


def _section(section: ShownSection, x: float, y: float, shades: Sequence[str]) -> tuple[str, float]:
    """A section from there on, and where it ends."""
    width = _WIDTH - x - _EDGE
    parts = [write(x, y + 18, section.name, "heading", weight=600)]
    if not section.is_open:
        parts.append(write(_WIDTH - _EDGE, y + 18, "closed at first", "small", colour=MUTED, end=True))
    y += 28
    if section.text:
        drawn, y = lines(section.text, x, y + 12, width, "text")
        parts.append(drawn)
    columns = max(section.columns, 1)
    each = (width - _GAP * (columns - 1)) / columns
    for start in range(0, len(section.panels), columns):
        row = section.panels[start : start + columns]
        height = max(_height(panel, each) for panel in row)
        for index, panel in enumerate(row):
            parts.append(_panel(panel, (x + index * (each + _GAP), y, each, height), shades))
        y += height + _GAP
    return "\n".join(parts), y + 8


def _height(panel: ShownPanel, width: float) -> float:
    if panel.kind == "text":
        return markdown("\n".join(panel.details), 0, 0, width - 2 * _GAP)[1] + 26
    return 44.0 + _SKETCH + STEP * len(_told(panel, width)) + 8


def _panel(panel: ShownPanel, box: tuple[float, float, float, float], shades: Sequence[str]) -> str:
    x, y, width, height = box
    size = f'width="{width:.1f}" height="{height:.1f}"'
    parts = [f'<rect x="{x:.1f}" y="{y:.1f}" {size} rx="6" fill="{PAPER}" stroke="{LINE}"/>']
    if panel.kind == "text":
        return parts[0] + markdown("\n".join(panel.details), x + _GAP, y + 26, width - 2 * _GAP)[0]
    room = fitting(width - 2 * _GAP, "title") - len(panel.kind) - 2
    parts.append(write(x + _GAP, y + 22, cut(panel.title, max(room, 12)), "title", weight=600))
    parts.append(write(x + width - _GAP, y + 22, panel.kind, "small", colour=MUTED, end=True))
    inside = sketch(panel.kind, (width - 2 * _GAP, _SKETCH - 8), shades)
    parts.append(f'<g transform="translate({x + _GAP:.1f} {y + 34:.1f})">{inside}</g>')
    for index, line in enumerate(_told(panel, width)):
        top = y + 48 + _SKETCH + index * STEP
        parts.append(write(x + _GAP, top, line, "small", colour=MUTED, mono=True))
    return "\n".join(parts)


def _told(panel: ShownPanel, width: float) -> list[str]:
    """The panel's details in lines that fit."""
    room = fitting(width - 2 * _GAP, "small", mono=True)
    return [line for detail in panel.details for line in textwrap.wrap(allowed(detail), room)]
