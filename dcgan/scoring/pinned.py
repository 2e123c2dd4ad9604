"""Digests of downloaded files that their publishers give none of: the first one that was seen is kept."""

from __future__ import annotations

from pathlib import Path

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import locked, read_json, write_json
from dcgan.common.messages import note


def file() -> Path:
    """Where they are kept: in the user's cache."""
    return paths.cache() / "pinned.json"


def digest(url: str, found: str, path: Path) -> str:
    """The SHA-256 that the file of that URL had when it was first used here, which is `found` if that is now, and said.

    Raises DcganError where the list of them, in the user's cache, is damaged or cannot be written.
    """
    kept = file()
    with locked(kept.with_suffix(".lock"), wait=True):
        known = read_json(kept) if kept.exists() else {}
        if url not in known:
            write_json(kept, {**known, url: found})
            note(f"{path}: no SHA-256 of it is published; its own, {found}, is kept, and any other is refused")
            return found
    if not isinstance(known[url], str):
        raise DcganError(f"{kept} is damaged (no digest of {url}): delete it to trust {path} as it is")
    return str(known[url])
