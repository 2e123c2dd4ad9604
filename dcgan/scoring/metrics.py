"""The five scores, by torch-fidelity, without a trace on the random state of whoever asks for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch_fidelity
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from dcgan.errors import DcganError
from dcgan.files import cannot
from dcgan.scoring.extractors import Extractor

_KEYS = {
    "fid": "frechet_inception_distance",
    "isc": "inception_score_mean",
    "kid": "kernel_inception_distance_mean",
    "precision": "precision",
    "recall": "recall",
}


class Images(TorchDataset[Tensor]):
    """A tensor of images as torch-fidelity wants it: one bare uint8 (C, H, W) at a time."""

    def __init__(self, images: Tensor) -> None:
        self._images = images.cpu()

    def __getitem__(self, index: int) -> Tensor:
        return self._images[index]

    def __len__(self) -> int:
        return len(self._images)


def settings(count: int) -> dict[str, int]:
    """torch-fidelity's settings for `count` images a side; those below its usual minimum get what they allow.

    KID: 100 subsets of 1,000, or once over all images if there are no more (it is unbiased at any size). Inception
    Score: ten splits from 5,000 images on, otherwise one. Precision and recall: the third neighbour.
    """
    return {
        "isc_splits": 10 if count >= 5000 else 1,
        "kid_subsets": 100 if count > 1000 else 1,
        "kid_subset_size": min(1000, count),
        "prc_neighborhood": min(3, count - 1),
    }


def measure(
    generated: Tensor, real: Tensor, name: str, *, extractor: Extractor, device: torch.device, cache: Path
) -> dict[str, float]:
    """fid, isc, kid, precision, recall of uint8 images (n, C, H, W) against as many real ones.

    `name` stands for the content of `real` in the cache. Raises DcganError for a score that is not finite.
    """
    found = run(
        extractor,
        device,
        cache,
        input1=Images(generated),
        input2=Images(real),
        input2_cache_name=name,
        isc=True,
        fid=True,
        kid=True,
        prc=True,
        **settings(len(real)),
    )
    scores = {score: float(found[key]) for score, key in _KEYS.items()}
    wrong = [score for score, value in scores.items() if not np.isfinite(value)]
    if wrong:
        raise DcganError(f"{wrong[0]} is not finite: the {extractor.kind} extractor gave unusable features")
    return scores


def run(extractor: Extractor, device: torch.device, cache: Path, **arguments: Any) -> dict[str, float]:
    """torch_fidelity.calculate_metrics in silence, without worker processes, and with the random state restored."""
    try:
        with _alone(device):
            found: dict[str, float] = torch_fidelity.calculate_metrics(
                cuda=device.type == "cuda",
                feature_extractor=extractor.name,
                batch_size=extractor.batch,
                cache_root=str(cache),
                save_cpu_ram=True,  # no forked loader workers: twice as fast for images that are in memory
                verbose=False,
                **extractor.options,
                **arguments,
            )
    except OSError as error:
        raise cannot("write", cache, error) from error
    except np.linalg.LinAlgError as error:
        raise DcganError(f"the {extractor.kind} extractor gave features that cannot be scored: {error}") from error
    return found


@contextlib.contextmanager
def _alone(device: torch.device) -> Iterator[None]:
    """Full precision whatever the caller's settings, on `device`, with torch's random states restored after."""
    devices = [device] if device.type == "cuda" else []
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=devices))
        stack.enter_context(torch.autocast(device.type, enabled=False))
        if device.type == "cuda":
            stack.enter_context(torch.cuda.device(device))
            stack.enter_context(torch.backends.cudnn.flags(deterministic=True, benchmark=False, allow_tf32=False))
        yield
