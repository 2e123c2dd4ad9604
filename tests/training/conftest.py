"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from dcgan import data
from dcgan.experiment import Experiment


@pytest.fixture
def in_float64() -> Iterator[None]:
    """New tensors are float64: networks, images and noise."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture
def drawn_images() -> Tensor:
    """A hundred of 16 x 16 whose pixels are drawn, which no trainer can have learned from."""
    return torch.randint(0, 256, (100, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="session")
def images() -> Tensor:
    """The digits' training split at 16 x 16."""
    return data.load(Experiment().with_({"data.name": "digits", "data.size": 16}).data).images["train"]
