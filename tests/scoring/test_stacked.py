"""Stacked MNIST's judge, on channels that can be told by their grey, and on real triples where MNIST is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from dcgan.data import load
from dcgan.errors import DcganError
from dcgan.scoring import stacked
from dcgan.scoring.classifier import Classifier
from dcgan.scoring.modes import stacked_modes
from dcgan.sections import Data

REAL = os.environ.get("DCGAN_DATA")  # before the tests' own folders are set


class _ByGrey(nn.Module):
    """Stands for a classifier: the digit is a tenth of the first pixel's grey. Notes how many images it is shown."""

    unit: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("unit", torch.ones(()))
        self.shown: list[tuple[int, ...]] = []

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        self.shown.append(tuple(images.shape))
        digits = images[:, 0, 0, 0].long() // 10
        return images, nn.functional.one_hot(digits, 10).float() - 5


def test_each_channel_is_read_by_itself_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacked, "_BATCH", 2)
    wanted = torch.tensor([[1, 2, 3], [0, 9, 0], [4, 4, 5], [7, 0, 8], [9, 9, 9]])
    images = (10 * wanted).to(torch.uint8)[:, :, None, None].expand(-1, -1, 4, 4)
    network = _ByGrey()
    found = stacked.read_digits(cast(Classifier, network), images)
    assert torch.equal(found, wanted)
    assert found.dtype == torch.int64
    assert network.shown == [(6, 1, 4, 4), (6, 1, 4, 4), (3, 1, 4, 4)]


@pytest.mark.parametrize(
    "images",
    [torch.zeros(2, 1, 28, 28, dtype=torch.uint8), torch.zeros(2, 3, 28, 28), torch.zeros(3, 28, 28).byte()],
    ids=["grey", "floats", "one image"],
)
def test_other_images_are_refused(images: Tensor) -> None:
    with pytest.raises(DcganError, match=r"images to read digits in are .*: expected uint8 \(n, 3, H, H\)"):
        stacked.read_digits(cast(Classifier, _ByGrey()), images)


@pytest.mark.skipif(not REAL or not Path(REAL, "MNIST").is_dir(), reason="MNIST is not in DCGAN_DATA")
def test_real_triples_have_all_modes_and_the_divergence_of_a_perfect_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uniform triples come to 999 / (2 n) = 0.0192; MNIST's digits, which are not uniform, to 0.0044 more."""
    monkeypatch.setenv("DCGAN_DATA", str(REAL))
    judge = stacked.judge(28)
    assert judge.accuracy > 0.985
    images = load(Data(name="stacked-mnist", size=28)).images["test"]
    assert len(images) == stacked.SAMPLES
    modes, divergence = stacked_modes(stacked.read_digits(judge.network, images))
    assert modes == 1000
    assert divergence == pytest.approx(0.019, abs=0.005)
