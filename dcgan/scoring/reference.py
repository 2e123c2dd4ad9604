"""The real images that a score compares with, and their features, kept under the hash of their content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from dcgan.common import paths, regular_files
from dcgan.common.files import locked, write_atomically
from dcgan.common.hashing import digest
from dcgan.common.messages import note
from dcgan.scoring.extractors import Extractor
from dcgan.scoring.features import Features, extract

ROLES = ("features", "unit_features")  # what scores read of real images
SELECTION_SEED = 20260402  # never changed: it decides which real images a score compares with
_RECIPE = 2  # raise it when features are made in another way: old files are then left alone


def choose(images: Tensor, count: int) -> Tensor:
    """A random `count` of the images, always the same ones: data sets may be ordered, so never the first."""
    return images[chosen(len(images), count).to(images.device)]


def chosen(there: int, count: int) -> Tensor:
    """The numbers of the `count` of `there` images that are taken, int64 (count), rising."""
    return shuffled(there, count).sort().values


def shuffled(there: int, count: int) -> Tensor:
    """The numbers of `chosen` in random order, always the same one."""
    return torch.from_numpy(np.random.RandomState(SELECTION_SEED).permutation(there)[:count])


def features(real: Tensor, name: str, extractor: Extractor, device: torch.device) -> Features:
    """The features of `real`, uint8 (n, C, H, W), from the cache or made now and kept there under `name`.

    A damaged file is replaced with a note; two processes that need the same one make it once.
    """
    made_on = f"{device.type}-{torch.__version__.partition('+')[0]}"  # single precision follows both
    path = paths.cache() / "references" / f"{name}-{extractor.name}-{made_on}-{_RECIPE}.safetensors"
    if path.exists() and (cached := _read(path, len(real), extractor)):
        return cached
    with locked(path.with_suffix(".lock"), wait=True):
        if path.exists():  # another process may have been quicker
            if cached := _read(path, len(real), extractor):
                return cached
            note(f"{path} is damaged: the real images' features are made again")
        batches = torch.split(real, extractor.batch)
        extracted = extract(batches, len(real), extractor, device, "features of the real images", roles=ROLES)
        layers = {role: extracted[role] for role in dict.fromkeys(_kept_as(extractor).values())}
        content = save(layers, metadata={"digest": digest(layers)})
        write_atomically(path, lambda file: file.write(content))
    return extracted


def _kept_as(extractor: Extractor) -> dict[str, str]:
    """The role under whose name each role's layer is kept: a layer of two roles is kept once."""
    first: dict[int, str] = {}
    return {role: first.setdefault(extractor.roles[role], role) for role in ROLES}


def _read(path: Path, count: int, extractor: Extractor) -> Features | None:
    """The features in that file; None if it is damaged."""
    try:
        regular_files.state(path)
        with safe_open(path, framework="pt") as file:
            stored = {role: file.get_tensor(role) for role in file.keys()}  # noqa: SIM118
            expected = (file.metadata() or {}).get("digest")
    except (SafetensorError, OSError, RuntimeError, KeyError, ValueError):
        return None
    whole = digest(stored) == expected and all(len(values) == count for values in stored.values())
    kept_as = _kept_as(extractor)
    return {role: stored[kept_as[role]] for role in ROLES} if whole and set(stored) == set(kept_as.values()) else None
