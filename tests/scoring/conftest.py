"""One small labelled data set and its trained classifier, shared by the tests of this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from dcgan.data import Dataset, load
from dcgan.data.dataset import build
from dcgan.scoring.classifier import classifier
from dcgan.sections import Data


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Digits of 16 x 16: 400 to train on, 60 to validate and 120 to test on."""
    whole = load(Data(name="digits", size=16))
    counts = {"train": 400, "validation": 60, "test": 120}
    return build(
        "small",
        {split: whole.images[split][:count] for split, count in counts.items()},
        {split: whole.labels[split][:count] for split, count in counts.items()},
        whole.classes,
    )


@pytest.fixture(scope="session")
def filled_cache(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """A cache that holds the data set's classifier and nothing else."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        classifier(dataset)
    return folder


@pytest.fixture
def cache(filled_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own copy of that cache, in use."""
    shutil.copytree(filled_cache, tmp_path / "xdg")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "dcgan"


@pytest.fixture
def generated(dataset: Dataset) -> torch.Tensor:
    """As many images as the test split has, somewhat like it: training images with noise."""
    noise = torch.randint(-40, 41, (120, 1, 16, 16), generator=torch.Generator().manual_seed(0))
    return (dataset.images["train"][:120].int() + noise).clamp(0, 255).to(torch.uint8)
