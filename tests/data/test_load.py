"""Loading by name: the embedded digits, the same bits each time."""

import pytest
import torch

from dcgan.data import load, resolve
from dcgan.experiment.sections import Data


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (32, 3)])
def test_digits(size: int, channels: int):
    dataset = load(Data(name="digits", size=size, channels=channels))
    assert {split: tuple(of.shape) for split, of in dataset.images.items()} == {
        "train": (1078, channels, size, size),
        "validation": (270, channels, size, size),
        "test": (449, channels, size, size),
    }
    assert (dataset.size, dataset.channels, dataset.classes) == (size, channels, tuple("0123456789"))
    assert dataset.images["train"].dtype == torch.uint8
    assert int(dataset.images["train"].max()) == 255
    assert dataset.labels["test"].dtype == torch.int64
    assert dataset.labels["train"].unique().tolist() == list(range(10))


def test_loading_twice_gives_the_same_bits():
    one, two = load(Data(name="digits", size=16)), load(Data(name="digits", size=16))
    assert one.fingerprint == two.fingerprint
    assert all(torch.equal(one.images[split], two.images[split]) for split in one.images)


def test_resolve_leaves_named_data_sets_alone():
    data = Data(name="digits", size=16)
    assert resolve(data) == data
