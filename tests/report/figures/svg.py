"""Figures as their text."""

from __future__ import annotations

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """All texts of a figure."""
    return [str(node.text) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own
