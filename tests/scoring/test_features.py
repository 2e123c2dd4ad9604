"""Features: the same however the images come, of nothing but the images, and held without the images."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dcgan.common.errors import DcganError
from dcgan.data import Dataset
from dcgan.scoring import Scorer
from dcgan.scoring.extractors import Extractor, extractor
from dcgan.scoring.features import extract

CPU = torch.device("cpu")


class _Sums(nn.Module):
    """Two numbers an image; draws from the global random state as a careless network would, and notes its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        self.seen.append(len(images))
        torch.rand(3)
        flat = images.flatten(1).double()
        return torch.stack([flat.sum(dim=1), flat[:, 0]], dim=1), flat @ torch.ones(flat.shape[1], 1).double()


def _sums(batch: int = 8) -> Extractor:
    return Extractor("sums", "0", batch, "float64", _Sums(), {"features": 0, "unit_features": 1})


def _images(count: int) -> Tensor:
    return torch.randint(0, 256, (count, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(count))


def _cut(images: Tensor, sizes: list[int]) -> Iterator[Tensor]:
    assert sum(sizes) == len(images)
    return iter(torch.split(images, sizes))


@pytest.mark.parametrize("sizes", [[30], [1] * 30, [7, 23], [8, 8, 8, 6], [0, 3, 0, 17, 10, 0], [29, 1]])
def test_images_are_cut_anew_into_the_extractors_own_batches(sizes: list[int]) -> None:
    images, chosen = _images(30), _sums()
    found = extract(_cut(images, sizes), 30, chosen, CPU, "features")
    flat = images.flatten(1).double()
    assert torch.equal(found["features"], torch.stack([flat.sum(dim=1), flat[:, 0]], dim=1))
    assert torch.equal(found["unit_features"], flat.sum(dim=1, keepdim=True))
    assert chosen.network.seen == [8, 8, 8, 6]


@pytest.mark.parametrize("there", [0, 7, 19])
def test_fewer_images_than_promised_are_refused(there: int) -> None:
    with pytest.raises(DcganError, match=f"some images: 20 images were promised and {there} came"):
        extract([_images(there)], 20, _sums(), CPU, "some images")


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_features_that_are_not_finite_are_refused(value: float) -> None:
    class Broken(_Sums):
        def forward(self, images: Tensor) -> tuple[Tensor, ...]:
            first, second = super().forward(images)
            second[-1] = value
            return first, second

    broken = Extractor("broken", "0", 8, "float64", Broken(), {"features": 0, "unit_features": 1})
    with pytest.raises(DcganError, match="the broken extractor gave unit_features that are not finite") as caught:
        extract([_images(20)], 20, broken, CPU, "features")
    assert "\n" not in str(caught.value)


def _states() -> tuple[object, ...]:
    return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()


def test_every_random_state_is_left_as_it_was(scorer: Scorer, generated: Tensor) -> None:
    torch.manual_seed(5)
    before = _states()
    extract([generated], len(generated), _sums(), CPU, "features")
    assert _states() == before
    features = scorer.features([generated], len(generated))
    assert _states() == before
    torch.manual_seed(6)
    assert torch.equal(scorer.features([generated], len(generated))["features"], features["features"])


def test_the_random_state_is_left_where_the_images_fail() -> None:
    def failing() -> Iterator[Tensor]:
        yield _images(8)
        torch.rand(1)
        raise DcganError("a file is gone")

    before = _states()
    with pytest.raises(DcganError, match="a file is gone"):
        extract(failing(), 20, _sums(), CPU, "features")
    assert _states() == before


def test_callers_settings_change_nothing(cache: object, dataset: Dataset) -> None:
    chosen, images = extractor("classifier", dataset), dataset.images["test"]
    plain = extract([images], 120, chosen, CPU, "features")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = extract([images], 120, chosen, CPU, "features")
        assert torch.is_autocast_enabled("cpu")
    assert plain.keys() == mixed.keys() >= {"features", "logits"}
    assert all(torch.equal(values, mixed[role]) for role, values in plain.items())
    assert not any(values.requires_grad for values in plain.values())


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def test_neither_batches_nor_threads_are_seen_in_a_classifiers_scores(
    scorer: Scorer, cache: object, dataset: Dataset, generated: Tensor
) -> None:
    """To 1e-9, also where the reference features were made with other threads and the extractor's batch is another."""
    from dataclasses import replace

    from dcgan.scoring import fidelity

    chosen = extractor("classifier", dataset)

    def scores(threads: int, batch: int, sizes: list[int]) -> dict[str, float]:
        with _threads(threads):
            changed = replace(chosen, batch=batch)
            ours = extract(_cut(generated, sizes), 120, changed, CPU, "features")
            real = extract([dataset.images["test"]], 120, changed, CPU, "features")
            return fidelity.measure(ours, real)

    one = scores(1, 500, [120])
    assert one["fid"] > 1
    assert scores(1, 500, [1] * 120) == scores(1, 500, [50, 70]) == one
    for threads, batch in ((2, 500), (1, 7), (2, 64), (1, 1)):
        assert scores(threads, batch, [120]) == pytest.approx(one, rel=1e-9), (threads, batch)


_MEMORY = """
import pathlib, resource, torch
from torch import nn
from dcgan.scoring.extractors import Extractor
from dcgan.scoring.features import extract
class Small(nn.Module):
    def forward(self, images):
        return images.flatten(1)[:, :128].double(), images.flatten(1)[:, :10].double()
chosen = Extractor("small", "0", 500, "float64", Small(), {"features": 0, "logits": 1})
def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
def come(count, seen):
    for start in range(0, count, 256):
        yield torch.full((min(256, count - start), 1, 32, 32), start % 256, dtype=torch.uint8)
        seen.append(resident())
def grown(count):
    seen = [resident()]
    held = extract(come(count, seen), count, chosen, torch.device("cpu"), "features")
    assert sum(values.nbytes for values in held.values()) == count * 138 * 8
    return max(seen) - seen[0]
grown(2_000)
print(grown(10_000), grown(100_000))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux for the memory in use")
def test_nothing_but_the_features_is_held() -> None:
    """From 10,000 to 100,000 images that come by batches memory grows by the features; the images were 92 MB more."""
    done = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, text=True, check=True, timeout=300)
    few, many = map(int, done.stdout.split())
    assert many < 100_000 * 138 * 8 + 8e6
    assert many - few > 50e6  # or this test sees nothing
