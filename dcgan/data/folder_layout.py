"""What the folders inside a folder of images are: its classes, or its splits, with classes or without.

`train/` and `val/` over class folders are no classes. They are the splits where nothing stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

import torch
from torch import Tensor

from dcgan.common.errors import Misuse
from dcgan.common.path_text import as_text

_SPLIT_OF = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
# What else data sets call theirs: `train2017`, `val_images`, `trainA`, `dev`; no `valley` or `trainers`.
_LIKE_A_SPLIT = re.compile(r"(?i:(train|val|test|dev)(?:ing|id|idation|elopment|set)?)(?![a-z])")


def split_folders(names: Sequence[str]) -> dict[str, str]:
    """The folders that are the splits, by split, of images by path relative to the folder; none where it has no such.

    They are `train` with `val` (or `valid`, `validation`), `test` or both, in any case, and all images lie in them.
    Raises Misuse where they cannot be the splits: two for one split, or not the same class folders in all.
    """
    tops = {_top(name) for name in names}
    if not _are_splits(tops):
        return {}
    called: dict[str, list[str]] = {}
    for top in sorted(tops):
        called.setdefault(_SPLIT_OF[top.lower()], []).append(top)
    for same in called.values():
        if len(same) > 1:
            raise Misuse(_not_splits(tops, f"{_listed(same)} are the same one: put their images together"))
    folders = {split: top for split, (top,) in called.items()}
    below = {top: [name.partition("/")[2] for name in names if _top(name) == top] for top in tops}
    if any(_class_folders(inside) for inside in below.values()):
        _same_folders({top: {_top(name) for name in inside} for top, inside in below.items()})
    return folders


def _are_splits(tops: Set[str]) -> bool:
    splits = {_SPLIT_OF.get(top.lower()) for top in tops}
    return "train" in splits and len(splits) > 1 and None not in splits


def _same_folders(inside: Mapping[str, set[str]]) -> None:
    """Refuses (Misuse) splits of which one lacks a class folder of another, or has images beside its own."""
    for top, folders in sorted(inside.items()):
        if "" in folders:
            raise Misuse(_not_splits(set(inside), f"{as_text(top)}/ has images beside class folders: sort them in"))
        for other in sorted(inside):
            if lacking := sorted(inside[other] - folders - {""}):
                words = f"{as_text(top)}/ has no class folder '{as_text(lacking[0])}', which {as_text(other)}/ has"
                raise Misuse(_not_splits(set(inside), f"{words}: give all of them the same ones"))


def sources(folders: Mapping[str, str]) -> dict[str, str]:
    """Where each split comes from, in words, of the folders that are splits: a third one is made of the two others."""
    own = {split: f"{as_text(top)}/" for split, top in folders.items()}
    if "test" not in own:
        own["test"] = own.pop("validation")
    return {"validation": f"a tenth of {own['train']}", **own}


def remarks(names: Sequence[str], place: str) -> list[str]:
    """What is to be known, in a line each, where the images are not read by splits: what looks as if it was meant
    otherwise. `place` is the folder as it can be typed."""
    tops = {_top(name) for name in names}
    called = sorted(top for top in tops if _kind(top))
    if len({_kind(top) for top in called}) > 1:
        return [_called_like_splits(tops, called)]
    if len(tops) == 1:
        return _wrapped(names, place)
    if "" in tops:
        return _beside(names, sorted(tops - {""}))
    return _splits_inside(names, place)


def _called_like_splits(tops: set[str], called: Sequence[str]) -> str:
    """Of folders that are called like splits, and are none."""
    exact = all(top.lower() in _SPLIT_OF for top in called)
    names = "train/, val/ and test/"
    if beside := sorted(tops - set(called)):
        other = f"{as_text(beside[0])}/ stands" if beside[0] else "images stand"
        and_names = "" if exact else f", and they are not called {names}"
        return f"{_listed(called)} are not taken for the splits, since {other} beside them{and_names}"
    if _are_splits(tops):
        return f"{_listed(called)} are taken for classes, as when this was begun"
    mend = "they need a train/ beside them" if exact else f"call them {names}"
    return f"{_listed(called)} are taken for classes: if they are the splits, {mend}"


def _wrapped(names: Sequence[str], place: str) -> list[str]:
    """Of images that all lie in one folder, which has the folders that are meant."""
    inside, at = list(names), ""
    while inside and len(tops := {_top(name) for name in inside}) == 1 and "" not in tops:
        at += f"/{tops.pop()}"
        inside = [name.partition("/")[2] for name in inside]
    folders = _class_folders(inside)
    if not folders:
        return []
    told = f"all images lie in {as_text(at[1:])}/, and no splits or classes are used"
    return [f"{told}: give data.folder={place}{as_text(at)} to use {_shortened(sorted(folders))}"]


def _beside(names: Sequence[str], tops: Sequence[str]) -> list[str]:
    """Of images beside folders that would be classes without them."""
    if len(tops) < 2:
        return []
    first, *others = [name for name in names if "/" not in name]
    images = f"{len(others) + 1:,} images" if others else "1 image"
    those = f"{as_text(first)}{', ...' if others else ''}"
    them = "them" if others else "it"
    return [
        f"{images} beside the class folders ({those}): no classes are used; move {them} into one of "
        f"{_shortened(tops)}, or elsewhere"
    ]


def _splits_inside(names: Sequence[str], place: str) -> list[str]:
    """Of classes that have folders inside that are called like splits, whose images are mixed."""
    inside: dict[str, set[str]] = {}
    for name in names:
        top, _, rest = name.partition("/")
        inside.setdefault(top, set()).add(_top(rest))
    have: dict[str, list[str]] = {}
    for top, below in sorted(inside.items()):
        called = sorted(filter(_kind, below))
        if len({_kind(each) for each in called}) > 1:
            have[top] = called
    if not have:
        return []
    top, folders = next(iter(have.items()))
    as_train = "/, ".join(f"{as_text(each)}/{as_text(top)}" for each in folders)
    return [
        f"{_shortened(list(have))} {'has' if len(have) == 1 else 'have'} {_listed(folders)} inside, whose images are "
        f"mixed and split anew: to keep those splits, move them to {as_train}/ and so on, "
        f"or give data.folder={place}/{as_text(top)} alone"
    ]


def classes(names: Sequence[str]) -> tuple[Tensor | None, tuple[str, ...]]:
    """Labels (n) and names of classes, of images by relative path; (None, ()) where there are none.

    The immediate subfolders are the classes when there are two or more and every image lies in one.
    """
    folders = _class_folders(names)
    if not folders:
        return None, ()
    index = {name: label for label, name in enumerate(sorted(folders))}
    return torch.tensor([index[_top(name)] for name in names]), tuple(as_text(name) for name in index)


def members(names: Sequence[str], top: str) -> Tensor:
    """int64: which of the images lie in that subfolder."""
    return torch.tensor([number for number, name in enumerate(names) if _top(name) == top], dtype=torch.int64)


def _top(name: str) -> str:
    """The immediate subfolder that an image lies in; empty where it lies in none."""
    return name.partition("/")[0] if "/" in name else ""


def _kind(top: str) -> str | None:
    """Which split a folder is called like; None for other names. `dev` is for validation."""
    found = _LIKE_A_SPLIT.match(top.lower() if top.isupper() else top)
    return found and found[1].lower().replace("dev", "val")


def _class_folders(names: Sequence[str]) -> set[str]:
    """The immediate subfolders if they are classes: two or more, and no image beside them."""
    tops = {_top(name) for name in names}
    return tops if len(tops) > 1 and "" not in tops else set()


def _not_splits(tops: set[str], why: str) -> str:
    called = sorted(tops)
    return f"{_listed(called)} would be the splits, but {why}, or rename {as_text(called[-1])}/ if these are classes"


def _shortened(tops: Sequence[str]) -> str:
    return _listed(tops) if 1 < len(tops) < 4 else f"{as_text(tops[0])}/" + (", ..." if len(tops) > 1 else "")


def _listed(tops: Sequence[str]) -> str:
    *first, last = [f"{as_text(top)}/" for top in tops]
    return f"{', '.join(first)} and {last}"
