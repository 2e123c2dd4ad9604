"""A sheet to draw on, and its SVG: the same drawing always gives the same bytes, whatever the user's settings.

Coordinates are pixels from the top left. Text stays text (selectable, searchable, in the reader's own font).
"""

from __future__ import annotations

import functools
import html
import io
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dcgan.statistics.paired import Verdict

WIDE, NARROW = 860.0, 380.0  # pixels: on a desk, and on a telephone
INK, MUTED, LINE, FAINT, BAND, PAPER = "#1b1f24", "#646d77", "#c9d0d8", "#e9edf1", "#eff3f7", "#fffffe"
HELPS, HURTS, SAME, OPEN = "#0a66c2", "#c4420d", "#4b5563", "#8a929c"
# Blue and vermilion stay apart for every common kind of colour blindness; words stand beside them.
COLOURS: Mapping[Verdict, str] = {"helps": HELPS, "hurts": HURTS, "no effect": SAME, "inconclusive": OPEN}
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
_LOCK = threading.RLock()  # matplotlib's settings are global

Arguments = ParamSpec("Arguments")


def drawing(function: Callable[Arguments, str]) -> Callable[Arguments, str]:
    """Lets a function draw under matplotlib's own defaults and ours, whatever a user's matplotlibrc says."""
    defaults: Any = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}

    @functools.wraps(function)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> str:
        with _LOCK, matplotlib.rc_context(defaults | _SETTINGS), warnings.catch_warnings():
            # Text stays text: the letters that matplotlib's own font lacks are in the reader's.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            return function(*args, **kwargs)

    return drawn


class Canvas:
    """One figure of `width` x `height` pixels, to be used in a function that is `drawing`."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self._tips: dict[str, str] = {}
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
        self._figure.text(*place, text, color=colour, **style)

    def line(self, x: tuple[float, float], y: tuple[float, float], colour: str, width: float = 1.0) -> None:
        """A straight line on the sheet, beneath everything."""
        from matplotlib.lines import Line2D

        across, down = [each / self.width for each in x], [1 - each / self.height for each in y]
        self._figure.add_artist(Line2D(across, down, color=colour, linewidth=width, zorder=-1))

    def tip(self, text: str) -> str:
        """A `gid` for an artist that shows `text` when pointed at."""
        name = f"tip-{len(self._tips)}"
        self._tips[name] = text
        return name

    def svg(self) -> str:
        """The drawing as a file of its own, on white."""
        buffer = io.BytesIO()
        plain = {"Date": None, "Creator": None}
        self._figure.savefig(buffer, format="svg", dpi=72, facecolor=PAPER, metadata=plain)
        return self._finished(buffer.getvalue().decode())

    def _finished(self, svg: str) -> str:
        """With a title for those who cannot see it, tips, the reader's fonts, and without what only adds bytes."""
        svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
        svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = _in_tags(r" transform=\"rotate\(-?0 [^\"]*\)\"|font-family: [^;\"]*(; )?", "", svg)
        name = html.escape(self.title)
        svg = re.sub(
            r'<svg ([^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"',
            rf'<svg role="img" font-family="{FONTS}" \1width="\2" height="\3"',
            svg,
            count=1,
        )
        svg = re.sub(r"(<svg [^>]*>)", lambda match: f"{match[1]}\n <title>{name}</title>", svg, count=1)
        return re.sub(
            r'<g id="(tip-\d+)">', lambda match: f"{match[0]}<title>{html.escape(self._tips[match[1]])}</title>", svg
        )


def inline(svg: str, prefix: str) -> str:
    """A file's SVG made to stand inside a page: colours from the page's variables, ids of its own, no background."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'<g id="patch_1">\s*<path [^>]*/>', '<g id="patch_1">', svg, count=1)
    svg = _in_tags(r'(\bid="|\burl\(#|xlink:href="#)', rf"\g<1>{prefix}-", svg)
    return _in_tags(
        r"(fill|stroke): (#[0-9a-f]{6})",
        lambda match: f"{match[1]}: var({VARIABLES[match[2]]})" if match[2] in VARIABLES else match[0],
        svg,
    )


def _in_tags(pattern: str, put: str | Callable[[re.Match[str]], str], svg: str) -> str:
    """`re.sub` within the tags alone: texts between them, as an arm's name, may look like anything.

    matplotlib writes every < and > of a text or an attribute as an entity.
    """
    compiled = re.compile(pattern)
    return re.sub(r"<[^<>]*>", lambda tag: compiled.sub(put, tag[0]), svg)
