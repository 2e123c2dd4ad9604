"""The real images that a score compares with, and their features, kept under the hash of their content."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dcgan import places
from dcgan.errors import DcganError
from dcgan.files import cannot, locked, read_json, write_json
from dcgan.scoring.extractors import Extractor
from dcgan.scoring.metrics import Images, run

SELECTION_SEED = 20260402  # never changed: it decides which real images a score compares with


def folder() -> Path:
    """Where torch-fidelity keeps the features of real images."""
    return places.cache() / "references"


def choose(images: Tensor, count: int) -> Tensor:
    """A random `count` of the images, always the same ones: data sets may be ordered, so never the first."""
    order = np.random.RandomState(SELECTION_SEED).permutation(len(images))
    return images[torch.from_numpy(np.sort(order[:count])).to(images.device)]


def ensure(real: Tensor, name: str, extractor: Extractor, device: torch.device) -> None:
    """Makes sure that the features and statistics of `real` lie undamaged in the cache, under `name`.

    What is there is checked against its hashes and made again, with a note, where they differ. Safe for several
    processes at once.
    """
    root = folder()
    stem = f"{name}-{extractor.name}"
    seal = root / f"{stem}.json"
    with locked(root / f"{stem}.lock", wait=True):
        if _sealed(root, stem, seal):
            return
        damaged = seal.exists()
        for path in _files(root, stem):
            path.unlink(missing_ok=True)
        if damaged:
            print(f"note: {root}/{stem}-* is damaged: the real images' features are made again", file=sys.stderr)
        inputs = {f"input{side}": Images(real) for side in (1, 2)}
        names = {f"input{side}_cache_name": name for side in (1, 2)}
        # Every feature layer once: what is computed from them here is thrown away.
        run(extractor, device, root, **inputs, **names, isc=True, fid=True, kid=True, kid_subsets=1, kid_subset_size=2)
        write_json(seal, {path.name: _hash(path) for path in _files(root, stem)})


def _files(root: Path, stem: str) -> list[Path]:
    return sorted(root.glob(f"{stem}-*.pt"))


def _sealed(root: Path, stem: str, seal: Path) -> bool:
    """Whether the files there are exactly those that were sealed."""
    if not seal.exists():
        return False
    try:
        expected = read_json(seal)
    except DcganError:
        return False
    return bool(expected) and {path.name: _hash(path) for path in _files(root, stem)} == expected


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot("read", path, error) from error
