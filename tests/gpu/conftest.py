"""What the tests on a GPU share: a trial's arithmetic, small images there, and one classifier for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dcgan import data
from dcgan.data import Dataset
from dcgan.runs import environment
from tests.conftest import tiny_experiment
from tests.gpu.device import NAME


@pytest.fixture(autouse=True)
def _as_in_a_trial() -> Iterator[None]:
    environment.repeatable(torch.device(NAME))
    yield
    environment.repeatable(torch.device("cpu"))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Digits of 16 x 16 on the CPU."""
    return data.load(tiny_experiment().data)


@pytest.fixture(scope="session")
def images(dataset: Dataset) -> Tensor:
    """Its training images on the device."""
    return dataset.images["train"].to(NAME)


@pytest.fixture(scope="session")
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _kept_between_tests(_one_cache: Path, _own_folders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The classifier is trained once for all tests here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(_one_cache))
