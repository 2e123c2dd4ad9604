"""From the description of the data in an experiment to the Dataset itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from dcgan.data import downloads, folder, stacked, whereabouts
from dcgan.data.dataset import Dataset, build, split_off
from dcgan.data.pixels import resize, with_channels
from dcgan.experiment import sections

if TYPE_CHECKING:
    from collections.abc import Callable

_OWN_TEST = {"validation": 0.1}  # share of the official training set
_DIGITS = {"validation": 0.15, "test": 0.25}
_DOWNLOADED: dict[str, Callable[[], downloads.Raw]] = {
    "mnist": downloads.mnist,
    "fashion-mnist": downloads.fashion_mnist,
    "cifar10": downloads.cifar10,
}


def load(data: sections.Data) -> Dataset:
    """The data set, at the asked size and number of channels, on the CPU.

    Splits: the official test set where there is one, and a fixed random tenth of its training set for
    validation; digits 60 % train, 15 % validation, 25 % test; a folder 70 %, 10 %, 20 %; stacked-mnist triples of its
    own in each, of the same digits. A folder whose subfolders are called train, val or test has its own.
    Raises Misuse or DcganError: a data set that is not there, a folder without images, a broken image.
    """
    if data.name == "stacked-mnist":
        return _stacked(data)
    channels = data.channels or sections.CHANNELS[data.name]

    def prepared(images: Tensor) -> Tensor:
        return with_channels(resize(images, data.size), channels)

    test: dict[str, Tensor] = {}
    test_labels: dict[str, Tensor] = {}
    if data.name == "folder":
        images, labels, classes, indices = folder.read(whereabouts.located(data), channels)
    elif data.name == "digits":
        images, labels, classes = _digits()
        images = prepared(images)
        indices = split_off(len(images), _DIGITS)
    else:
        raw = _DOWNLOADED[data.name]()
        images, labels, classes = prepared(raw.train), raw.train_labels, raw.classes
        indices = split_off(len(images), _OWN_TEST)
        test, test_labels = {"test": prepared(raw.test)}, {"test": raw.test_labels}
    split_images = {split: images[index] for split, index in indices.items()}
    split_labels = labels if labels is None else {split: labels[index] for split, index in indices.items()}
    return build(
        data.name,
        {**split_images, **test},
        None if split_labels is None else {**split_labels, **test_labels},
        classes,
    )


def is_here(data: sections.Data) -> bool:
    """Whether `load` needs no download."""
    source = "mnist" if data.name == "stacked-mnist" else data.name
    return source not in _DOWNLOADED or downloads.is_here(source)


def resolve(data: sections.Data) -> sections.Data:
    """The description with what identifies its content: for a folder, the fingerprint of its files.

    With a fingerprint the folder may be elsewhere on this machine (`whereabouts`). Raises Misuse if it is not there,
    has too few images, or no longer has the given fingerprint.
    """
    return whereabouts.resolve(data) if data.name == "folder" else data


def _stacked(data: sections.Data) -> Dataset:
    """Resized before they are stacked: there are fewer digits than channels of triples."""
    raw = downloads.mnist()
    digits = resize(torch.cat([raw.train, raw.test]), data.size)
    of_digits = torch.cat([raw.train_labels, raw.test_labels])
    images, labels = {}, {}
    for split, triples in stacked.draw(len(digits)).items():
        triple_images, labels[split] = stacked.stack(digits, of_digits, triples)
        images[split] = with_channels(triple_images, data.shape[0])
    return build(data.name, images, labels, stacked.CLASSES)


def _digits() -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """scikit-learn's 1,797 handwritten digits of 8 x 8 pixels in 0 to 16, as uint8 (n, 1, 8, 8)."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = torch.from_numpy(bunch.images).mul(255 / 16).round().to(torch.uint8).unsqueeze(1)
    return pixels, torch.from_numpy(bunch.target).to(torch.int64), tuple(str(digit) for digit in range(10))
