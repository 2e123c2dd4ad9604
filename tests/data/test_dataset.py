import torch

from dcgan.data import load
from dcgan.data.dataset import build, split_off
from dcgan.experiment.sections import Data


def _tiny():
    images = {split: torch.zeros(2, 1, 4, 4, dtype=torch.uint8) for split in ("train", "validation", "test")}
    labels = {split: torch.tensor([0, 1]) for split in images}
    return images, labels


def test_splits_are_disjoint_and_complete():
    indices = split_off(101, {"validation": 0.15, "test": 0.25})
    assert sorted(torch.cat(list(indices.values())).tolist()) == list(range(101))
    assert {split: len(index) for split, index in indices.items()} == {"validation": 15, "test": 25, "train": 61}


def test_splits_are_the_same_for_ever():
    assert split_off(12, {"validation": 0.25})["validation"].tolist() == [4, 8, 11]


def test_splits_take_no_notice_of_the_global_seed():
    torch.manual_seed(1)
    one = split_off(50, {"test": 0.2})["test"]
    torch.manual_seed(2)
    assert torch.equal(split_off(50, {"test": 0.2})["test"], one)


def test_fingerprint_follows_pixels_labels_and_shapes():
    images, labels = _tiny()
    plain = build("x", images, labels, ("a", "b")).fingerprint
    assert build("x", images, labels, ("a", "b")).fingerprint == plain
    pixel = {**images, "test": images["test"].clone()}
    pixel["test"][1, 0, 3, 3] = 1
    label = {**labels, "train": torch.tensor([1, 0])}
    shape = {**images, "train": images["train"].view(2, 1, 2, 8)}
    others = [
        build("x", pixel, labels, ("a", "b")).fingerprint,
        build("x", images, label, ("a", "b")).fingerprint,
        build("x", images, None, ()).fingerprint,
        build("x", shape, labels, ("a", "b")).fingerprint,
    ]
    assert len({plain, *others}) == 5


def test_to_a_device_keeps_everything_else():
    dataset = load(Data(name="digits", size=16))
    moved = dataset.to("meta")
    assert moved.images["train"].device.type == moved.labels["test"].device.type == "meta"
    assert moved.fingerprint == dataset.fingerprint
