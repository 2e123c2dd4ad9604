"""A sheet to draw on, and its SVG: the same drawing always gives the same bytes, whatever the user's settings.

Coordinates are pixels from the top left. Text stays text (selectable, searchable, in the reader's own font).
"""

from __future__ import annotations

import functools
import io
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from dcgan.common.drawing.label_placement import Box, column, leader, place
from dcgan.common.drawing.svg import Mark, allowed, finished, marked
from dcgan.common.drawing.svg import inline as in_page

WIDE, NARROW = 860.0, 380.0  # pixels: on a desk, and on a telephone
INK, MUTED, LINE, FAINT, BAND, PAPER = "#1b1f24", "#646d77", "#c9d0d8", "#e9edf1", "#eff3f7", "#fffffe"
# Blue and vermilion stay apart for every common kind of colour blindness; words stand beside them.
HELPS, HURTS, SAME, OPEN = "#0a66c2", "#c4420d", "#4b5563", "#8a929c"
VARIABLES: Mapping[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    FAINT: "--faint",
    BAND: "--band",
    PAPER: "--paper",
    HELPS: "--helps",
    HURTS: "--hurts",
    SAME: "--same",
    OPEN: "--open",
}
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dcgan",
    "svg.id": None,
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 12.0,
    "axes.unicode_minus": True,
    "path.simplify": False,
    "axes.formatter.useoffset": False,
    "axes.formatter.use_locale": False,
}
_NAME = 11.5  # the size of a name beside a point
_LOCK = threading.RLock()  # matplotlib's settings are global

# A name may have letters that matplotlib's font lacks: the reader's has them.
_UNKNOWN_LETTER = "Glyph .* missing|Matplotlib currently does not support"

Arguments = ParamSpec("Arguments")
Drawn = TypeVar("Drawn")


def drawing(function: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """Lets a function draw under matplotlib's own defaults and ours, whatever a user's matplotlibrc says."""
    defaults: Any = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}

    @functools.wraps(function)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawn:
        with _LOCK, matplotlib.rc_context(defaults | _SETTINGS), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_UNKNOWN_LETTER, category=UserWarning)
            return function(*args, **kwargs)

    return drawn


class Canvas:
    """One figure of `width` x `height` pixels, to be used in a function that is `drawing`."""

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        """`description` tells what the picture shows to those who cannot see it."""
        self.width, self.height, self.title, self.description = width, height, title, description
        self._marks: list[tuple[Axes, list[Mark], Callable[[list[Mark]], str]]] = []
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)

    def axes(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """Empty axes at that place: no frame, no ticks, transparent."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self._figure.add_axes(box, facecolor="none", **options)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelsize=11, labelcolor=MUTED, pad=6)
        axes.set_axisbelow(True)
        return axes

    def text(self, x: float, y: float, text: str, colour: str = INK, **style: Any) -> None:
        """Text whose middle is at height `y`."""
        place = (x / self.width, 1 - y / self.height)
        style = {"va": "center_baseline", "parse_math": False, **style}
        self._figure.text(*place, allowed(text), color=colour, **style)

    def line(self, x: tuple[float, float], y: tuple[float, float], colour: str, width: float = 1.0) -> None:
        """A straight line on the sheet, beneath everything."""
        from matplotlib.lines import Line2D

        across, down = [each / self.width for each in x], [1 - each / self.height for each in y]
        self._figure.add_artist(Line2D(across, down, color=colour, linewidth=width, zorder=-1))

    def marks(
        self, axes: Axes, marks: Iterable[Mark], colour: str, size: float, *, face: str = "", opacity: float = 1.0
    ) -> None:
        """Marks in the data's coordinates, `size` half a mark's width in pixels; nothing is clipped."""
        place = _MarksSlot()
        place.set_gid(f"marks-{len(self._marks)}")
        place.set_zorder(3)
        axes.add_artist(place)
        self._marks.append((axes, list(marks), partial(marked, colour=colour, size=size, face=face, opacity=opacity)))

    def names(self, axes: Axes, named: Sequence[tuple[float, float, str]], area: Box, taken: Sequence[Box] = ()) -> int:
        """Names (x, y, text) beside points of the data, none over another; returns for how many there was no room.

        A thin line leads to one that stands apart. By the limits that the axes have now; `area` and `taken` in pixels.
        """
        points = [self.pixel(axes, x, y) for x, y, _ in named]
        boxes = place(points, [(text_size(text, _NAME)[0], _NAME + 1.5) for _, _, text in named], area, taken)
        for point, box, (_, _, text) in zip(points, boxes, named, strict=True):
            if box is not None:
                self.text(box[0], (box[1] + box[3]) / 2, text, fontsize=_NAME, ha="left")
                if line := leader(point, box):
                    (x, y), (end, height) = line
                    self.line((x, end), (y, height), LINE)
        return boxes.count(None)

    def name_column(self, axes: Axes, x: float, named: Sequence[tuple[float, str]], side: int, area: Box) -> None:
        """Names of points (y, text) that stand above each other at `x`, in a column beside them within the area.

        On the right with `side` 1, on the left with -1; none where they do not fit.
        """
        points = [self.pixel(axes, x, y) for y, _ in named]
        heights = column([height for _, height in points], _NAME + 1.5, area[1], area[3])
        widest = max((text_size(text, _NAME)[0] for _, text in named), default=0.0)
        if heights is None or any(not area[0] <= across + side * (23 + widest) <= area[2] for across, _ in points):
            return
        for (across, down), height, (_, text) in zip(points, heights, named, strict=True):
            self.line((across + side * 7, across + side * 20), (down, height), LINE)
            self.text(across + side * 23, height, text, fontsize=_NAME, ha="left" if side > 0 else "right")

    def pixel(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the data is on the sheet, by the limits that the axes have now."""
        across, up = axes.transData.transform((x, y))
        return float(across), self.height - float(up)

    def svg(self) -> str:
        """The drawing as a file of its own, on white."""
        buffer = io.BytesIO()
        plain = {"Date": None, "Creator": None}
        self._figure.savefig(buffer, format="svg", dpi=72, facecolor=PAPER, metadata=plain)
        groups = {f"marks-{index}": self._placed(*each) for index, each in enumerate(self._marks)}
        return finished(buffer.getvalue().decode(), self.title, self.description, FONTS, groups)

    def _placed(self, axes: Axes, marks: list[Mark], draw: Callable[[list[Mark]], str]) -> str:
        """Marks by the limits that the axes have in the end."""
        if not marks:
            return ""
        places = axes.transData.transform([(mark.x, mark.y) for mark in marks])
        return draw(
            [replace(mark, x=x, y=self.height - y) for mark, (x, y) in zip(marks, places.tolist(), strict=True)]
        )


class _MarksSlot(Artist):
    """An empty group where marks go: among what matplotlib draws, without its costs for each."""

    def draw(self, renderer: RendererBase) -> None:
        renderer.open_group("marks", gid=self.get_gid())
        renderer.close_group("marks")


def text_size(text: str, fontsize: float) -> tuple[float, float]:
    """Width and height of a line in pixels, in the font of the drawing, which is wider than most readers' own."""
    width, height, _ = text_to_path.get_text_width_height_descent(allowed(text), FontProperties(size=fontsize), False)
    return float(width), float(height)


def inline(svg: str, prefix: str) -> str:
    """A figure inside a page that has the variables."""
    return in_page(svg, prefix, VARIABLES)
