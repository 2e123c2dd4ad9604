"""The image files of a folder, told by how their names end, in a fixed order; what stands beside them is counted."""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache
from pathlib import Path

from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.common.messages import message
from dcgan.common.path_text import as_text

FEWEST = 20  # images; with fewer no split could be trained on and scored
_NO_PIXELS = {"BUFR", "GRIB", "HDF5", "MPEG", "WMF"}  # formats that Pillow tells and cannot decode
# Of cameras and telephones, which Pillow cannot open without another package.
_TO_CONVERT = {".heic", ".heif", ".hif", ".jxl", ".svg"} | {
    ".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw",
}  # fmt: skip
_MOST_SHOWN = 5  # kinds of other files


def find(root: Path) -> dict[str, Path]:
    """The image files below `root` by path relative to it, sorted; hidden ones are left out, others counted once.

    Raises Misuse if there are fewer than `FEWEST`.
    """
    images: dict[str, Path] = {}
    others: Counter[str] = Counter()
    endings = _endings()
    seen: set[str] = set()
    for directory, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(directory)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(directory)
        within = "" if place == root else f"{place.relative_to(root).as_posix()}/"
        for name in files:
            if name.startswith("."):
                continue
            ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - Path takes ten times as long
            if ending in endings:
                images[within + name] = place / name
            else:
                others[ending or "no ending"] += 1
    unopened = Counter({ending: count for ending, count in others.items() if ending in _TO_CONVERT})
    hint = f"{_counted(unopened)} cannot be opened here: convert to JPEG or PNG to use them" if unopened else ""
    if len(images) < FEWEST:
        raise Misuse(
            f"{as_text(root)} has {len(images) or 'no'} image{'' if len(images) == 1 else 's'}: "
            f"at least {FEWEST} are needed" + (f"; {hint}" if hint else "")
        )
    if plain := others - unopened:
        are = (
            "1 file that is not an image is"
            if plain.total() == 1
            else f"{plain.total():,} files that are not images are"
        )
        say_once(f"{as_text(root)}: {are} ignored ({_counted(plain)})")
    if hint:
        say_once(f"note: {as_text(root)}: {hint}")
    return dict(sorted(images.items()))


@lru_cache(maxsize=256)
def say_once(text: str) -> None:
    """A line on stderr, once a process: a folder is looked at by each trial."""
    message(text)


@lru_cache(maxsize=1)
def _endings() -> frozenset[str]:
    known = Image.registered_extensions()
    return frozenset(ending for ending, kind in known.items() if kind in Image.OPEN and kind not in _NO_PIXELS)


def _counted(kinds: Counter[str]) -> str:
    """`480 .heic, 3 .txt, 1 .csv`: the most frequent first."""
    shown = [f"{count} {as_text(ending)}" for ending, count in kinds.most_common(_MOST_SHOWN)]
    return ", ".join([*shown, *(["..."] if len(kinds) > _MOST_SHOWN else [])])
