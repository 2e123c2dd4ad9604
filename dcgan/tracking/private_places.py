"""The user's folders, taken out of what is sent elsewhere: they tell who somebody is."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from dcgan.common import paths
from dcgan.data import whereabouts

# Files whose text may name a folder: where the images lie, what could not be read or written.
TEXTS = frozenset({".yaml", ".json", ".csv", ".md", ".html", ".svg"})


def without_places(text: str, *folders: str | None) -> str:
    """The text with the folders of the user's home, of the results and those given as `~`, `DCGAN_HOME` and `DATA`."""
    names = {str(paths.of_user() or ""): "~", str(paths.home().absolute()): "DCGAN_HOME"}
    names |= {str(Path(folder).absolute()): "DATA" for folder in folders if folder}
    names |= {folder: "DATA" for folder in (*folders, *whereabouts.seen()) if folder}
    for place in sorted(names, key=len, reverse=True):  # the innermost first
        if len(place) > 1:  # a home that is / would take every path apart
            for spelled in _spellings(place):
                text = text.replace(spelled, names[place])
    return text


def _spellings(place: str) -> list[str]:
    """A path as text, as JSON and as YAML have it: both may write letters as numbers, and a backslash twice."""
    quoted = yaml.safe_dump(place, default_style='"', width=2**31).rstrip("\n")[1:-1]
    return list(dict.fromkeys([quoted, json.dumps(place)[1:-1], place]))
