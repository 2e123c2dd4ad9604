"""`score.extractor=auto`: the classifier where it recognises images, else Inception where it is, else a doubtful one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dcgan.common.errors import Misuse
from dcgan.data import Dataset, load
from dcgan.data.dataset import build
from dcgan.experiment.sections import Data
from dcgan.scoring.automatic_extractor import choose
from dcgan.scoring.pretrained import weights_file


@pytest.fixture(scope="module")
def digits() -> Dataset:
    """The whole data set, whose classifier other tests use as well."""
    return load(Data(name="digits", size=16))


@pytest.fixture(scope="module")
def random_labels(digits: Dataset) -> Dataset:
    """Its images in two classes that were dealt out at random, 91.5 % in the one."""
    dealt = torch.Generator().manual_seed(1)
    labels = {
        split: (torch.rand(len(images), generator=dealt) > 0.915).long() for split, images in digits.images.items()
    }
    return build("dealt", dict(digits.images), labels, ("a", "b"))


def test_the_classifier_of_digits(digits: Dataset, shared_extractor: None, checkpoints: Path) -> None:
    chosen = choose(digits)
    assert (chosen.kind, chosen.doubtful) == ("classifier", False)
    assert "98" in chosen.why or "99" in chosen.why


@pytest.mark.slow
def test_random_labels_are_doubtful_and_want_inception(
    random_labels: Dataset, digits: Dataset, shared_extractor: None, checkpoints: Path
) -> None:
    chosen = choose(random_labels)
    assert (chosen.kind, chosen.doubtful) == ("classifier", True)
    assert "dcgan doctor --fetch inception" in chosen.why
    weights_file("inception").parent.mkdir(parents=True)
    weights_file("inception").touch()
    assert choose(random_labels).kind == "inception"
    assert choose(replace(digits, labels=None)).kind == "inception"
    assert choose(digits).kind == "classifier"


def test_without_labels_and_without_inception_nothing_is_begun(dataset: Dataset, checkpoints: Path) -> None:
    with pytest.raises(Misuse, match="have no labels .* `dcgan doctor --fetch inception` fetches them"):
        choose(replace(dataset, labels=None))
