"""Any folder of images: in a fixed order, cropped to squares, resized; with classes and splits or without.

Its fingerprint says which files it has, and how they are read where that is not as in the first version: where the
folders inside are the splits, and where copies of a picture are kept in one split. So a description that was recorded
with a fingerprint means the same images in the same splits for good.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from dcgan.common import regular_files
from dcgan.common.errors import Misuse
from dcgan.common.messages import say_once
from dcgan.common.path_text import as_text, from_text
from dcgan.common.paths import expanded
from dcgan.common.tracked_items import tracked
from dcgan.data import alike, decoding, folder_layout, folder_splits, picture_files
from dcgan.data.picture_files import FEWEST
from dcgan.data.picture_limits import MOST_BYTES
from dcgan.experiment.sections import Data

# `apart`: as in the first version, each file for itself; `together`: copies of a picture in one split; `splits`: the
# subfolders are the splits.
Reading = Literal["apart", "together", "splits"]
READINGS: tuple[Reading, ...] = ("apart", "together", "splits")


class Contents(NamedTuple):
    """uint8 images (n, channels, size, size) in the order of their paths, labels (n) or None, names of classes, and the
    numbers of the images in each split."""

    images: Tensor
    labels: Tensor | None
    classes: tuple[str, ...]
    splits: dict[str, Tensor]


# Per folder: the listing of its files when they were last read, and the fingerprint of their contents. A study asks for
# it before every trial, and reading 50,000 files takes seconds.
_READ_ONCE: dict[Path, tuple[str, str]] = {}
# What was decoded to look for copies, until it is loaded: at most one folder's images, and the picture of each.
_DECODED: dict[tuple[str, str, int, int], tuple[Tensor, Tensor]] = {}


def resolve(data: Data) -> Data:
    """`data` with the fingerprint of the files: names relative to the folder, contents, and how they are read.

    Without one, all files are decoded the first time that they are seen on this machine: copies change how they are
    read. Raises Misuse if the folder is not there, has too few images or broken ones, or if `data` names another
    fingerprint.
    """
    root = _root(data)
    images = picture_files.find(root)
    return _resolved(data, root, images, _fingerprint(root, images))


def _resolved(data: Data, root: Path, images: Mapping[str, Path], content: str) -> Data:
    if data.fingerprint is None:
        return data.model_copy(update={"fingerprint": _named(content, _usual(data, root, images, content))})
    if data.fingerprint not in {_named(content, reading) for reading in READINGS}:
        raise Misuse(
            f"the images in {as_text(root)} are not those of data.fingerprint={data.fingerprint}, which are what was "
            "begun with: restore them, or begin anew with data.folder alone, which takes the images that are there"
        )
    return data


def read(data: Data, channels: int) -> Contents:
    """The images, their classes and splits.

    The immediate subfolders are the classes when there are two or more and every image lies in one; or the splits, and
    those below them the classes. Raises as `resolve`, and Misuse for fewer than 20 different images.
    """
    root = _root(data)
    images = picture_files.find(root)
    content, names, place = _fingerprint(root, images), list(images), as_text(root)
    data = _resolved(data, root, images, content)
    reading = next(reading for reading in READINGS if _named(content, reading) == data.fingerprint)
    key = as_text(root.resolve()), content, data.size, channels
    pixels, picture = _DECODED[key] if key in _DECODED else _decode(root, images, data.size, channels)
    _DECODED.clear()
    if reading != "splits":
        _say_layout(place, names)
        labels, classes = folder_layout.classes(names)
        _say_copies(place, picture, reading, labels)
        groups = picture if reading == "together" else torch.arange(len(picture))
        drawn = folder_splits.drawn(groups, folder_splits.SHARES)
        _say_small(place, drawn)
        return Contents(pixels, labels, classes, drawn)
    labels, classes = folder_layout.classes([name.partition("/")[2] for name in names])
    _say_copies(place, picture, reading, labels)
    folders = _split_folders(place, names)
    splits = folder_splits.completed(
        {split: folder_layout.members(names, top) for split, top in folders.items()}, picture
    )
    _say_splits(place, folders, splits)
    _say_small(place, splits)
    return Contents(pixels, labels, classes, splits)


def pictures(data: Data) -> list[Path]:
    """The image files of a folder in the order of their paths. Raises Misuse if there is none, or too few in it."""
    return list(picture_files.find(_root(data)).values())


def at(folder: str) -> Path:
    """The path that `data.folder` gives: `~` is the user's home, and bytes that are no UTF-8 are spelled."""
    return from_text(expanded(folder, "data.folder"))


def missing(root: Path) -> str | None:
    """Why there is no folder at a path, in a few words; None where there is one."""
    try:
        state = root.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "no such folder"
    except (OSError, ValueError) as error:  # a name that is too long, a folder on the way that is closed
        return f"no such folder ({(getattr(error, 'strerror', None) or str(error)).lower()})"
    return None if stat.S_ISDIR(state.st_mode) else "not a folder"


def _root(data: Data) -> Path:
    root = at(data.folder or "")
    if why := missing(root):
        raise Misuse(f"data.folder={data.folder}: {why}")
    return root


def _named(content: str, reading: Reading) -> str:
    """The fingerprint of files of that content, read so."""
    return content if reading == "apart" else hashlib.sha256(f"{content} {reading}".encode()).hexdigest()[:16]


def _usual(data: Data, root: Path, images: Mapping[str, Path], content: str) -> Reading:
    """How a folder is read where nothing says how."""
    names, place = list(images), as_text(root)
    if folders := _split_folders(place, names):
        _check_sizes(place, {top: len(folder_layout.members(names, top)) for top in folders.values()})
        return "splits"
    _say_layout(place, names)
    distinct = alike.kept(content)
    if distinct is None:
        channels = data.shape[0]
        pixels, picture = _decode(root, images, data.size, channels)
        _DECODED.clear()
        _DECODED[as_text(root.resolve()), content, data.size, channels] = pixels, picture
        alike.keep(content, picture)
        distinct = alike.distinct(picture)
    return "apart" if distinct == len(images) else "together"


def _decode(root: Path, images: Mapping[str, Path], size: int, channels: int) -> tuple[Tensor, Tensor]:
    """uint8 images (n, channels, size, size), and which picture each of them shows (n)."""
    out = torch.empty(len(images), channels, size, size, dtype=torch.uint8)
    digests: list[bytes] = []
    batches = decoding.pictures(list(images.values()), size, channels)
    for batch in tracked(batches, -(-len(images) // decoding.BATCH), f"reading {as_text(root.name)}"):
        torch.stack([one.pixels for one in batch], out=out[len(digests) : len(digests) + len(batch)])
        digests += [one.digest for one in batch]
    return out, alike.numbered(digests)


def _fingerprint(root: Path, images: Mapping[str, Path]) -> str:
    """The fingerprint of a folder's files. They are read once a process, and again if one of them changed."""
    place, listing = root.resolve(), _listing(images)
    if place not in _READ_ONCE or _READ_ONCE[place][0] != listing:
        digest = hashlib.sha256()
        broken: dict[Path, str] = {}
        for name, path in images.items():
            try:
                content = _bytes(path)
            except OSError as error:
                broken[path] = error.strerror or str(error)
                continue
            digest.update(_name(name) + f"\0{len(content)}\0".encode())
            digest.update(content)
        if broken:
            raise decoding.unreadable(broken, len(images))
        _READ_ONCE[place] = listing, digest.hexdigest()[:16]
    return _READ_ONCE[place][1]


def _listing(images: Mapping[str, Path]) -> str:
    """A hash of what can be known of files without reading them: names, sizes, and when each was changed.

    The time of modification is not enough, since programs that copy files may set it; nothing sets that of change.
    """
    digest = hashlib.sha256()
    for name, path in images.items():
        try:
            file = path.stat()
        except OSError:  # a link to nothing: reading it will say so
            continue
        state = f"\0{file.st_size} {file.st_mtime_ns} {file.st_ctime_ns} {file.st_ino}\0"
        digest.update(_name(name) + state.encode())
    return digest.hexdigest()


def _name(name: str) -> bytes:
    """The bytes that a file's name is."""
    return name.encode("utf-8", "surrogateescape")


def _bytes(path: Path) -> bytes:
    return regular_files.read(path, MOST_BYTES)


def _say_copies(place: str, picture: Tensor, reading: Reading, labels: Tensor | None) -> None:
    """Counts copies, and refuses (Misuse) a folder that has hardly anything else."""
    count, distinct = len(picture), alike.distinct(picture)
    if reading != "apart" and distinct < FEWEST:
        found = (
            f"all {count} images are alike" if distinct == 1 else f"{count} images show {distinct} different pictures"
        )
        raise Misuse(f"{place}: {found}: at least {FEWEST} different ones are needed")
    if distinct < count:
        kept = {
            "apart": "they are split as when this was begun, copies on both sides",
            "together": "copies are kept in one split",
            "splits": "a picture that is in several splits is left to one of them, the test first",
        }
        mixed = 0 if labels is None else alike.across(picture, labels)
        classes = f"; {mixed:,} of them {'is' if mixed == 1 else 'are'} in several classes" if mixed else ""
        say_once(
            f"note: {place}: {count - distinct:,} of {count:,} images are exact copies of others: "
            f"{kept[reading]}{classes}"
        )


def _split_folders(place: str, names: list[str]) -> dict[str, str]:
    try:
        return folder_layout.split_folders(names)
    except Misuse as refusal:
        raise Misuse(f"{place}: {refusal}") from None


def _say_layout(place: str, names: list[str]) -> None:
    for remark in folder_layout.remarks(names, place):
        say_once(f"note: {place}: {remark}")


def _check_sizes(place: str, counts: Mapping[str, int]) -> None:
    """Refuses (Misuse) folders that are splits with too few images to train on or to score with."""
    for top, count in counts.items():
        if count < FEWEST:
            raise Misuse(
                f"{place}: {as_text(top)}/ would be a split, and has {count} image{'' if count == 1 else 's'}: "
                f"at least {FEWEST} are needed in each; add some, or put all images together to have them split"
            )


def _say_small(place: str, splits: Mapping[str, Tensor]) -> None:
    """Tells of splits that are there and hardly can be scored with: small folders', or what copies have left."""
    if small := [f"{len(images)} in {split}" for split, images in splits.items() if len(images) < FEWEST]:
        say_once(f"note: {place}: few images ({', '.join(small)}): scores on fewer than {FEWEST} say hardly anything")


def _say_splits(place: str, folders: Mapping[str, str], splits: Mapping[str, Tensor]) -> None:
    """Says which folder is which split. Raises Misuse for one of which nothing is left."""
    sources = folder_layout.sources(folders)
    for split, images in splits.items():
        if not len(images):
            raise Misuse(f"{place}: no image is left of {sources[split]}: other splits have copies of all of them")
    told = ", ".join(f"{sources[split]} is the {split} split ({len(images):,})" for split, images in splits.items())
    say_once(f"note: {place}: {told}")
