"""Stacked MNIST, of fifty digits that can be told by their grey, and of the real ones where they are."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from dcgan.data import is_here, load, stacked
from dcgan.data.pixels import with_channels
from dcgan.experiment.sections import Data

REAL = os.environ.get("DCGAN_DATA")  # before the tests' own folders are set
FEW = {"train": 600, "validation": 30, "test": 200}


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty training and ten test images in MNIST's files: image i is all of grey i, and a digit i modulo 7."""
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, numbers in (("train", np.arange(40)), ("t10k", np.arange(40, 50))):
        count = len(numbers)
        images = np.broadcast_to(numbers.astype(np.uint8)[:, None, None], (count, 28, 28)).tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28) + images)
        labels = (numbers % 7).astype(np.uint8).tobytes()
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, count) + labels)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer triples than there are."""
    monkeypatch.setattr(stacked, "COUNTS", FEW)


def test_triples_are_the_same_for_ever() -> None:
    triples = stacked.draw(70_000)
    assert {split: tuple(of.shape) for split, of in triples.items()} == {
        "train": (128_000, 3),
        "validation": (10_000, 3),
        "test": (26_000, 3),
    }
    assert triples["train"][:2].tolist() == [[50831, 3293, 29175], [9564, 16309, 54448]]
    assert triples["test"][:2].tolist() == [[16874, 33282, 19586], [48572, 59098, 9908]]


def test_triples_take_no_notice_of_the_global_seeds() -> None:
    np.random.seed(1)
    torch.manual_seed(1)
    one = stacked.draw(50)["test"]
    np.random.seed(2)
    torch.manual_seed(2)
    assert torch.equal(stacked.draw(50)["test"], one)


def test_all_digits_stand_in_all_channels_of_all_large_splits() -> None:
    for split in ("train", "test"):
        drawn = stacked.draw(5_000)[split]
        assert all(len(channel.unique()) > 4_950 for channel in drawn.T)


@pytest.mark.usefixtures("digits", "few")
def test_a_triples_channels_are_three_digits_and_its_class_their_labels() -> None:
    dataset = load(Data(name="stacked-mnist", size=28))
    assert dataset.labels is not None
    triples = stacked.draw(50)
    for split, count in FEW.items():
        images, labels = dataset.images[split], dataset.labels[split]
        assert tuple(images.shape) == (count, 3, 28, 28)
        assert images.dtype == torch.uint8
        grey = images[:, :, 9, 20].long()
        assert torch.equal(images, grey.byte()[:, :, None, None].expand(-1, -1, 28, 28))
        assert torch.equal(grey, triples[split])  # the test digits, 40 to 49, come after the training digits
        names = [dataset.classes[label] for label in labels.tolist()]
        assert names == ["".join(str(number % 7) for number in triple) for triple in triples[split].tolist()]
        assert labels.dtype == torch.int64
    assert len(dataset.classes) == 1000


@pytest.mark.usefixtures("digits", "few")
@pytest.mark.parametrize("size", [16, 64])
def test_other_sizes_and_grey(size: int) -> None:
    colour = load(Data(name="stacked-mnist", size=size)).images["test"]
    assert tuple(colour.shape) == (200, 3, size, size)
    assert torch.equal(colour[:, :, 0, 0].long(), stacked.draw(50)["test"])  # all one grey, whatever the size
    grey = load(Data(name="stacked-mnist", size=size, channels=1)).images["test"]
    assert torch.equal(grey, with_channels(colour, 1))


@pytest.mark.usefixtures("digits", "few")
def test_the_fingerprint_follows_the_triples_and_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(name="stacked-mnist", size=28)
    first = load(data).fingerprint
    assert load(data).fingerprint == first
    assert load(data.model_copy(update={"size": 32})).fingerprint != first
    monkeypatch.setattr(stacked, "_SEED", 1)
    assert load(data).fingerprint != first


def test_it_is_here_where_mnist_is(digits: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert is_here(Data(name="stacked-mnist"))
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "empty"))
    assert not is_here(Data(name="stacked-mnist"))


@pytest.mark.skipif(not REAL or not Path(REAL, "MNIST").is_dir(), reason="MNIST is not in DCGAN_DATA")
def test_the_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCGAN_DATA", str(REAL))
    dataset = load(Data(name="stacked-mnist", size=28))
    assert dataset.labels is not None
    assert {split: len(of) for split, of in dataset.images.items()} == stacked.COUNTS
    assert dataset.fingerprint == "7ce0bf6f984c1e09"
    for split in ("train", "test"):
        assert len(dataset.labels[split].unique()) == 1000
