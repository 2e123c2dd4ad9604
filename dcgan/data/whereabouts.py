"""Where folders of images are on this machine: their fingerprint says which they are, the user's list where they lie.

What was typed as `data.folder` may be relative, or a path of another machine. Plans, records and storages have no more
than that; absolute paths are kept in the user's cache alone, where nothing shares or sends them.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import read_json, write_json
from dcgan.common.path_text import as_text
from dcgan.data import folder as folders
from dcgan.experiment.sections import Data

_NAME = "folders.json"  # in the cache
_MOST = 500  # places that are kept


class SeenFolder(NamedTuple):
    """A folder that was seen: its absolute path, how it was typed, and the fingerprint of its images."""

    path: str
    typed: str
    fingerprint: str


def resolve(data: Data) -> Data:
    """`data`, its folder as it was typed, with the fingerprint of the images, which are where `located` finds them.

    Raises Misuse as `located`, and if there are too few images.
    """
    here = located(data)
    resolved = folders.resolve(here) if here.fingerprint is None else here
    _remember(resolved.folder or "", resolved.model_copy(update={"folder": data.folder}))
    return resolved.model_copy(update={"folder": data.folder})


def given(data: Data, folder: str) -> None:
    """Notes that the images of `data` are in that folder on this machine. Raises Misuse if they are not."""
    if data.name != "folder":
        raise Misuse(f"data.folder={folder}: the images are those of data.name={data.name}, not of a folder")
    here = data.model_copy(update={"folder": folder, "fingerprint": None})
    _check_there(here, [])
    folders.resolve(here)  # refused for what is wrong with it as such
    try:
        folders.resolve(here.model_copy(update={"fingerprint": data.fingerprint}))
    except Misuse:
        raise Misuse(
            f"data.folder={folder}: other images than those that were planned with, whose fingerprint is "
            f"{data.fingerprint}: give the folder that holds these"
        ) from None
    _remember(folder, data)


def located(data: Data) -> Data:
    """`data` with the path of its images here: as it was typed, else where images of its fingerprint were seen.

    Raises Misuse if they are nowhere, with the places where they were looked for.
    """
    known = [place.path for place in _places() if place.fingerprint == data.fingerprint]
    refusal = None
    for folder in dict.fromkeys([data.folder or "", *known]):
        here = data.model_copy(update={"folder": folder})
        if not is_there(here):
            continue
        if data.fingerprint is None:
            return here
        try:
            folders.resolve(here)
        except Misuse as error:  # other images: those that are meant may be elsewhere
            refusal = refusal or error
        else:
            return here
    if refusal is not None:
        raise Misuse(f"{refusal}; if they are elsewhere by now: data.folder=PATH")
    _check_there(data, known)
    raise AssertionError("a folder that is there was tried")


def without_paths(text: str, data: Data) -> str:
    """A text that is recorded: with all folders that are known of, and that of `data`, as they were typed."""
    here = [SeenFolder(_absolute(data.folder), data.folder, "")] if data.folder else []
    for place in sorted([*here, *_places()], key=lambda place: len(place.path), reverse=True):  # the innermost first
        text = text.replace(place.path, place.typed)
    return text


def is_there(data: Data) -> bool:
    """Whether there is a folder where `data.folder` points from the working directory."""
    return folders.missing(folders.at(data.folder or "")) is None


def fingerprints(typed: str) -> list[str]:
    """Those of the images that were typed so, in any working directory, the latest first."""
    return list(dict.fromkeys(place.fingerprint for place in _places() if place.typed == typed))


def seen() -> list[str]:
    """All paths that are known of."""
    return [place.path for place in _places()]


def _check_there(data: Data, known: list[str]) -> None:
    root = folders.at(data.folder or "")
    what = folders.missing(root)
    if what is None:
        return
    tried = ", ".join(dict.fromkeys([_absolute(as_text(root)), *known]))
    mend = "" if data.fingerprint is None else ": say where its images are on this machine, with data.folder=PATH"
    before = [
        place.path
        for place in _places()
        if place.typed == data.folder and folders.missing(folders.at(place.path)) is None
    ]
    if data.fingerprint is None and before:
        mend = f"; before it was data.folder={before[0]}"
    raise Misuse(f"data.folder={data.folder}: {what} ({tried}){mend}")


def _absolute(folder: str) -> str:
    return as_text(os.path.normpath(folders.at(folder).absolute()))


def _places() -> list[SeenFolder]:
    """The places that are known, the latest first; none without a cache, or if its list is damaged."""
    try:
        content = read_json(_list())
        return [SeenFolder(*map(str, entry)) for entry in content["folders"]]
    except (DcganError, KeyError, TypeError):
        return []


def _remember(folder: str, data: Data) -> None:
    """Puts a place first. Where that cannot be, other working directories are asked for the path; nothing else."""
    place = SeenFolder(_absolute(folder), data.folder or "", data.fingerprint or "")
    before = _places()
    if place not in before[:1]:
        others = [other for other in before if other != place]
        with contextlib.suppress(DcganError):
            write_json(_list(), {"folders": [place, *others][:_MOST]})


def _list() -> Path:
    return paths.cache() / _NAME
