"""SVG as text: marks with what they tell when pointed at, and a drawing made fit for a file and for a page.

What is edited are tags, never the text between them: a name may look like anything. No attribute holds a name.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Shape = Literal["dot", "diamond", "left", "right", "up", "down", "bar", "dash"]

_TAG = re.compile(r"<[^<>]+>")
_PLACE = re.compile(r'<g id="(marks-\d+)"/>')
_NAMELESS = re.compile(r'<g id="(?:text|line2d)_\d+">')  # nothing refers to these
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what a document may not hold
_HEAD = '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'


@dataclass(frozen=True)
class Mark:
    """A point of a figure, `title` shown when it is pointed at; `height` is that of a bar, in pixels."""

    x: float
    y: float
    title: str = ""
    shape: Shape = "dot"
    height: float = 0.0


def allowed(text: str) -> str:
    """The text on one line, without what no XML document may hold."""
    return _NO_XML.sub("\ufffd", " ".join(text.splitlines()))


def marked(marks: Iterable[Mark], colour: str, size: float, *, face: str = "", opacity: float = 1.0) -> str:
    """Marks in pixels as one group; `size` is half of a mark's width. With a `face`, the colour is that of the edge.

    Dots without a title are a single path, a tenth of the bytes: where there are thousands, that is what counts.
    """
    marks = list(marks)
    level = marks[0].y if len(marks) > 1 and len({mark.y for mark in marks}) == 1 else 0.0
    if level:  # said once, not for each of a row
        marks = [replace(mark, y=0.0) for mark in marks]
    bare = [mark for mark in marks if mark.shape == "dot" and not mark.title and not face]
    style = f"fill: {face}; stroke: {colour}; stroke-width: 1.8" if face else f"fill: {colour}"
    shade = f"; opacity: {opacity:g}" if opacity < 1 else ""
    inside = [_element(mark, size) for mark in marks if mark.title or mark.shape != "dot" or face]
    if bare:
        dots = "".join(f"M{_short(mark.x)} {_short(mark.y)}h0" for mark in bare)
        pen = f"fill: none; stroke: {colour}; stroke-width: {_short(2 * size)}; stroke-linecap: round"
        inside.append(f'<path d="{dots}" style="{pen}"/>')
    place = f' transform="translate(0 {_short(level)})"' if level else ""
    return "\n".join([f'<g style="{style}{shade}"{place}>', *inside, "</g>"])


def _element(mark: Mark, size: float) -> str:
    if mark.shape == "dot":
        height = f' cy="{_short(mark.y)}"' if mark.y else ""
        start = f'<circle cx="{_short(mark.x)}"{height} r="{_short(size)}"'
    else:
        start = f'<path d="M{_outline(mark, size)}z"'
    tag = start.partition(" ")[0][1:]
    return f"{start}><title>{html.escape(allowed(mark.title))}</title></{tag}>" if mark.title else f"{start}/>"


def _outline(mark: Mark, size: float) -> str:
    """The corners of a mark, in steps from the first."""
    x, y, r, double, height = (_short(value) for value in (mark.x, mark.y, size, 2 * size, mark.height))
    left, right, top, bottom = (_short(value) for value in (mark.x - size, mark.x + size, mark.y - size, mark.y + size))
    return {
        "diamond": f"{x} {top}l{r} {r}-{r} {r}-{r}-{r}",
        "left": f"{left} {y}l{double}-{r}v{double}",
        "right": f"{right} {y}l-{double}-{r}v{double}",
        "up": f"{x} {top}l{r} {double}h-{double}",
        "down": f"{x} {bottom}l{r}-{double}h-{double}",
        "bar": f"{left} {y}v-{height}h{double}v{height}",
        "dash": f"{left} {_short(mark.y - 1)}h{double}v2h-{double}",
    }[mark.shape]


def _short(value: float) -> str:
    """A length to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def finished(svg: str, title: str, description: str, fonts: str, groups: Mapping[str, str]) -> str:
    """matplotlib's drawing as a file: named and described for those who cannot see it, with `groups` of marks where it
    has empty groups of their names, in the reader's fonts, and without what only adds bytes."""
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], count=1, flags=re.DOTALL)
    size = re.match(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([^"]+)"', svg)
    if size is None:
        raise ValueError("no SVG of matplotlib's: its first tag has no width, height and viewBox")
    root = (
        f'<svg role="img" aria-labelledby="title" aria-describedby="description" font-family="{fonts}" '
        f'width="{size[1]}" height="{size[2]}" viewBox="{size[3]}" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" version="1.1">'
    )
    words = "".join(
        f'\n <{tag} id="{name}">{html.escape(allowed(text))}</{tag}>'
        for tag, name, text in (("title", "title", title), ("desc", "description", description))
    )

    def plain(tag: str) -> str:
        if place := _PLACE.fullmatch(tag):
            return groups[place[1]]
        if _NAMELESS.fullmatch(tag):
            return "<g>"
        tag = re.sub(r" transform=\"rotate\(-?0 [^\"]*\)\"", "", tag)
        return re.sub(r"font-family: [^;\"]*(; )?", "", tag)

    return _HEAD + root + words + edited(svg[svg.index(">") + 1 :], plain)


def inline(svg: str, prefix: str, variables: Mapping[str, str]) -> str:
    """A file's SVG made to stand inside a page: colours from the page's variables, ids of its own, no background."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r'<g id="patch_1">\s*<path [^>]*/>', '<g id="patch_1">', svg, count=1)

    def owned(tag: str) -> str:
        tag = re.sub(r' (id|aria-labelledby|aria-describedby)="', rf' \1="{prefix}-', tag)
        tag = tag.replace("url(#", f"url(#{prefix}-").replace('xlink:href="#', f'xlink:href="#{prefix}-')
        return re.sub(r"(?<=: )#[0-9a-f]{6}", lambda colour: _variable(colour[0], variables), tag)

    return edited(svg, owned)


def _variable(colour: str, variables: Mapping[str, str]) -> str:
    return f"var({variables[colour]})" if colour in variables else colour


def edited(svg: str, edit: Callable[[str], str]) -> str:
    """With every tag edited, in one pass over the text."""
    return _TAG.sub(lambda tag: edit(tag[0]), svg)
