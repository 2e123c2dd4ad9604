"""Ids of runs as they are typed: in full, or as much of the beginning as tells one from the others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dcgan.common.errors import Misuse, closest, one_of

DESCRIPTION = "experiment.yaml"  # in the folder of a run: without it a folder is none

_SHORTEST = 6  # letters of an id that is shown shortened
_SHOWN = 5  # candidates that are named


def known(root: Path) -> list[str]:
    """The ids of the runs in that folder, in alphabetical order."""
    return sorted(path.parent.name for path in root.glob(f"*/{DESCRIPTION}"))


def find(name: str, root: Path) -> str:
    """The id that is `name` or alone begins with it. Raises Misuse with the candidates, or with the closest id."""
    ids = known(root)
    if name in ids:
        return name
    begun = [each for each in ids if name and each.startswith(name.lower())]
    if len(begun) == 1:
        return begun[0]
    if begun:
        shown = ", ".join(begun[:_SHOWN]) + (", ..." if len(begun) > _SHOWN else "")
        raise Misuse(f"'{name}' begins {len(begun)} runs in {root}: {shown}; give more of the id")
    if not ids:
        raise Misuse(f"no run '{name}' in {root}, where there is none yet: `dcgan train digits` makes one")
    close = closest(name, ids, cutoff=0.7)
    raise Misuse(f"no run '{name}' in {root}" + (one_of([close]) if close else "; `dcgan runs` lists those there are"))


def shortened(ids: Iterable[str]) -> dict[str, str]:
    """Each id with its shortest beginning, of six letters at least, that is no other's."""
    ordered = sorted(ids)
    short = {}
    for before, each, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        shared = max(_shared(each, before), _shared(each, after))
        short[each] = each[: max(shared + 1, _SHORTEST)]
    return short


def _shared(one: str, other: str) -> int:
    """How many letters two ids begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
