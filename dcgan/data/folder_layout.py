"""What the folders inside a folder of images are: its classes, or its splits, with classes or without.

`train/` and `val/` over class folders are no classes. They are the splits where nothing stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from dcgan.common.errors import Misuse
from dcgan.common.path_text import as_text

_SPLIT_OF = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


def split_folders(names: Sequence[str]) -> dict[str, str]:
    """The folders that are the splits, by split, of images by path relative to the folder; none where it has no such.

    They are `train` with `val` (or `valid`, `validation`), `test` or both, in any case, and all images lie in them.
    Raises Misuse where they cannot be the splits: two for one split, or not the same class folders in all.
    """
    tops = {_top(name) for name in names}
    splits = {_SPLIT_OF.get(top.lower()) for top in tops}
    if "train" not in splits or len(splits) < 2 or None in splits:
        return {}
    if len(splits) < len(tops):
        raise Misuse(_not_splits(tops, "two of them are the same one: put their images together"))
    folders = {split: top for top in sorted(tops) if (split := _SPLIT_OF[top.lower()])}
    below = {top: [name.partition("/")[2] for name in names if _top(name) == top] for top in tops}
    if any(_class_folders(inside) for inside in below.values()):
        _same_folders({top: {_top(name) for name in inside} for top, inside in below.items()})
    return folders


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


def in_the_way(names: Sequence[str]) -> str | None:
    """Why folders that are called like splits are not the splits, in one line; None where there are none."""
    tops = {_top(name) for name in names}
    called = sorted(top for top in tops if top.lower() in _SPLIT_OF)
    kinds = {_SPLIT_OF[top.lower()] for top in called}
    beside = sorted(tops - set(called))
    if "train" not in kinds or len(kinds) < 2:
        return None
    if not beside:
        return f"{_listed(called)} are taken for classes, as when this was begun"
    other = f"{as_text(beside[0])}/ stands" if beside[0] else "images stand"
    return f"{_listed(called)} are not taken for the splits, since {other} beside them"


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


def _class_folders(names: Sequence[str]) -> set[str]:
    """The immediate subfolders if they are classes: two or more, and no image beside them."""
    tops = {_top(name) for name in names}
    return tops if len(tops) > 1 and "" not in tops else set()


def _not_splits(tops: set[str], why: str) -> str:
    called = sorted(tops)
    return f"{_listed(called)} would be the splits, but {why}, or rename {as_text(called[-1])}/ if these are classes"


def _listed(tops: Sequence[str]) -> str:
    *first, last = [f"{as_text(top)}/" for top in tops]
    return f"{', '.join(first)} and {last}"
