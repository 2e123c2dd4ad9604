"""Figures as their text."""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """All texts of a figure."""
    return [str(node.text) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own


def titles(svg: str) -> list[str]:
    """What is told when a part of a figure is pointed at, the picture's own title first."""
    return [str(node.text) for node in ElementTree.fromstring(svg).iter(f"{SVG}title")]  # noqa: S314 - our own


def described(svg: str) -> str:
    """What a figure tells those who cannot see it."""
    return str(ElementTree.fromstring(svg).findtext(f"{SVG}desc"))  # noqa: S314 - our own
