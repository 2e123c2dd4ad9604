"""The image files of a folder, told by how their names end, in a fixed order; what stands beside them is counted."""

from __future__ import annotations

import os
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.common.messages import say_once
from dcgan.common.path_text import as_text
from dcgan.data.picture_limits import formats

FEWEST = 20  # images; with fewer no split could be trained on and scored
# Of cameras and telephones, which Pillow cannot open without another package.
_TO_CONVERT = {".eps", ".ps", ".ico", ".heic", ".heif", ".hif", ".jxl", ".svg"} | {
    ".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw",
}  # fmt: skip
_MOST_SHOWN = 5  # kinds of other files, folders


class _Walked(NamedTuple):
    """What a walk has met below a folder, by paths relative to it."""

    images: dict[str, Path]
    others: Counter[str]  # by ending
    unread: dict[str, str]  # folders, and why
    again: dict[str, str]  # folders that are links to what was met before, and that; "" is the folder itself
    outside: list[str]  # links to images and folders that lie elsewhere


def find(root: Path) -> dict[str, Path]:
    """The image files below `root` by path relative to it, sorted; hidden ones are left out, others counted once.

    Raises Misuse if there are fewer than `FEWEST`, or if a folder cannot be read: its images would be missing.
    """
    found = _walk(root)
    if found.unread:
        raise Misuse(_unread(root, found.unread))
    images, others = found.images, found.others
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
    _say_folders(root, found)
    return dict(sorted(images.items()))


def _walk(root: Path) -> _Walked:
    found = _Walked({}, Counter(), {}, {}, [])
    endings = _endings()
    seen: dict[str, str] = {}
    own = os.path.realpath(root)

    def unreadable(error: OSError) -> None:
        found.unread[_within(root, error.filename)] = error.strerror or str(error)

    for directory, folders, files in os.walk(root, onerror=unreadable, followlinks=True):
        within = _within(root, directory)
        real = os.path.realpath(directory)
        if real in seen:  # a link that leads back up, or to a folder beside
            found.again[within] = seen[real]
            folders.clear()
            continue
        seen[real] = within
        if not _is_below(real, own):  # said where the link is, not of each folder behind it
            if Path(directory).is_symlink():
                found.outside.append(f"{within}/")
        elif away := [name for name in files if _leaves(directory, name, own) and not name.startswith(".")]:
            found.outside.extend(f"{within}/{name}" if within else name for name in away)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place, before = Path(directory), f"{within}/" if within else ""
        for name in files:
            if name.startswith("."):
                continue
            ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - Path takes ten times as long
            if ending in endings:
                found.images[before + name] = place / name
            else:
                found.others[ending or "no ending"] += 1
    return found


def _is_below(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip("/") + "/")


def _leaves(directory: str, name: str, root: str) -> bool:
    """Whether a file is a link to one outside the folder."""
    path = f"{directory}/{name}"
    return os.path.islink(path) and not _is_below(os.path.realpath(path), root)  # noqa: PTH114 - as quick as can be


def _within(root: Path, directory: str) -> str:
    """The path of a folder relative to `root`, which is empty for that itself."""
    return "" if Path(directory) == root else Path(directory).relative_to(root).as_posix()


def _unread(root: Path, folders: dict[str, str]) -> str:
    why = ", ".join(sorted(set(folders.values())))
    if "" in folders:
        return f"{as_text(root)} cannot be read ({why})"
    are, them = ("1 folder", "it") if len(folders) == 1 else (f"{len(folders):,} folders", "them")
    return (
        f"{are} in {as_text(root)} cannot be read ({why}): {_some(sorted(folders))}: "
        f"make {them} readable, or move {them} out"
    )


def _say_folders(root: Path, found: _Walked) -> None:
    """Says which folders give no images although they may be meant to, and what lies elsewhere."""
    if found.outside:
        links = "1 link leads" if len(found.outside) == 1 else f"{len(found.outside):,} links lead"
        shown = ", ".join(as_text(link) for link in sorted(found.outside)[:_MOST_SHOWN])
        more = ", ..." if len(found.outside) > _MOST_SHOWN else ""
        say_once(f"note: {as_text(root)}: {links} out of the folder ({shown}{more}): what is there is read, too")
    for link, first in sorted(found.again.items()):
        same = f"the same folder as {as_text(first)}/" if first else "a link to the whole folder"
        say_once(f"note: {as_text(root)}: {as_text(link)}/ is {same}: it is left out")
    tops = {name.partition("/")[0] for name in (*found.images, *found.again)}
    inside = (each.name for each in root.iterdir() if not each.name.startswith((".", "__")) and each.is_dir())
    if empty := sorted(set(inside) - tops):
        say_once(f"note: {as_text(root)}: {_some(empty)} {'has' if len(empty) == 1 else 'have'} no images")


def _some(folders: list[str]) -> str:
    """`a/, b/ and 3 more`."""
    shown = ", ".join(f"{as_text(folder)}/" for folder in folders[:_MOST_SHOWN])
    return shown + (f" and {len(folders) - _MOST_SHOWN:,} more" if len(folders) > _MOST_SHOWN else "")


@lru_cache(maxsize=1)
def _endings() -> frozenset[str]:
    known = Image.registered_extensions()
    return frozenset(ending for ending, kind in known.items() if kind in formats())


def _counted(kinds: Counter[str]) -> str:
    """`480 .heic, 3 .txt, 1 .csv`: the most frequent first."""
    shown = [f"{count} {as_text(ending)}" for ending, count in kinds.most_common(_MOST_SHOWN)]
    return ", ".join([*shown, *(["..."] if len(kinds) > _MOST_SHOWN else [])])
