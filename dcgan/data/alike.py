"""Exact copies among images: which files show the same picture, and what of it is kept in the cache.

To know it all files must be decoded, so it is kept by the fingerprint of their contents.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterable
from pathlib import Path

import torch
from torch import Tensor

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import read_json, write_json


def numbered(digests: Iterable[Hashable]) -> Tensor:
    """int64 (n): the number of each file's picture, counted as they first come; copies have the same one."""
    numbers: dict[Hashable, int] = {}
    return torch.tensor([numbers.setdefault(digest, len(numbers)) for digest in digests], dtype=torch.int64)


def distinct(picture: Tensor) -> int:
    """How many different pictures there are, by `numbered`."""
    return int(picture.max()) + 1 if len(picture) else 0


def across(picture: Tensor, labels: Tensor) -> int:
    """How many images are copies of others, of pictures that are in several classes; both (n)."""
    pairs = set(zip(picture.tolist(), labels.tolist(), strict=True))
    several = torch.tensor([number for number, _ in pairs]).bincount() > 1
    return int((picture.bincount()[several] - 1).sum())


_KNOWN: dict[str, int] = {}  # where the cache cannot be written it is found out once a process


def kept(content: str) -> int | None:
    """How many different pictures the files of that fingerprint have, if it is known here."""
    if content in _KNOWN:
        return _KNOWN[content]
    with contextlib.suppress(DcganError):
        known = read_json(_file(content)).get("distinct")
        return known if isinstance(known, int) else None
    return None


def keep(content: str, picture: Tensor) -> None:
    """Keeps what was found, in the cache where it can be written."""
    _KNOWN[content] = distinct(picture)
    with contextlib.suppress(DcganError):
        write_json(_file(content), {"files": len(picture), "distinct": distinct(picture)})


def _file(content: str) -> Path:
    return paths.cache() / "folders" / f"{content}.json"
