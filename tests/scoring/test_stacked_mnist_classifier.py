"""Stacked MNIST's classifier of digits, on channels that can be told by their grey, and on real triples where MNIST is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from dcgan.data import load
from dcgan.experiment.sections import Data
from dcgan.scoring.classifier import Classifier
from dcgan.scoring.modes import stacked_modes
from dcgan.scoring.stacked_mnist_classifier import SAMPLES, DigitReader, digit_classifier, digits

REAL = os.environ.get("DCGAN_DATA")  # before the tests' own folders are set


class _ByGrey(nn.Module):
    """Stands for a classifier: the digit is a tenth of the first pixel's grey."""

    unit: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("unit", torch.full((), 2.0))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        digit = images[:, 0, 0, 0].long() // 10
        return images[:, 0, 0, :2].double(), nn.functional.one_hot(digit, 10).double() * 5


def test_each_channel_is_read_by_itself_and_in_order() -> None:
    wanted = torch.tensor([[1, 2, 3], [0, 9, 0], [4, 4, 5], [7, 0, 8], [9, 9, 9]])
    images = (10 * wanted).to(torch.uint8)[:, :, None, None].expand(-1, -1, 4, 4)
    features, units, logits = DigitReader(cast(Classifier, _ByGrey()))(images)
    assert torch.equal(digits(logits), wanted)
    assert torch.equal(logits.argmax(dim=1), wanted @ torch.tensor([100, 10, 1]))
    assert logits.shape == (5, 1000)
    torch.testing.assert_close(logits.exp().sum(dim=1), torch.ones(5, dtype=torch.float64))
    assert torch.equal(features, (10.0 * wanted).repeat_interleave(2, dim=1).double())
    assert torch.equal(units, features / 2)


@pytest.mark.skipif(not REAL or not Path(REAL, "MNIST").is_dir(), reason="MNIST is not in DCGAN_DATA")
def test_real_triples_have_all_modes_and_the_divergence_of_a_perfect_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uniform triples come to 999 / (2 n) = 0.0192; MNIST's digits, which are not uniform, to 0.0044 more."""
    monkeypatch.setenv("DCGAN_DATA", str(REAL))
    judged = digit_classifier(28)
    assert judged.accuracy > 0.985
    images = load(Data(name="stacked-mnist", size=28)).images["test"]
    assert len(images) == SAMPLES
    reader = DigitReader(judged.network)
    with torch.no_grad():
        found = torch.cat([digits(reader(part)[2]) for part in images.split(500)])
    modes, divergence = stacked_modes(found)
    assert modes == 1000
    assert divergence == pytest.approx(0.019, abs=0.005)
