"""What the tests of this folder share: a small labelled data set, its trained classifier, and random Inception weights.

Inception's own weights are not on every machine: random ones of the same shape stand for them.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from dcgan.data import Dataset, load
from dcgan.data.dataset import build
from dcgan.experiment.sections import Data, Score
from dcgan.scoring import Scorer
from dcgan.scoring.classifier import classifier
from dcgan.scoring.pretrained import PUBLISHED, weights_file


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


@pytest.fixture
def scorer(cache: Path, dataset: Dataset) -> Scorer:
    """Of that data set, with the usual settings, on the CPU."""
    return Scorer.prepare(Score(), dataset, torch.device("cpu"))


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of Inception weights with its hash in its name, as torch.hub wants it; the signal keeps its strength."""
    from torchvision.models import inception_v3

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(network.state_dict(), path)
    return path.rename(path.with_name(f"weights-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth"))


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, not there yet, in which published weights are looked for."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def random_inception(random_weights: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those random weights where Inception's own are looked for, taken for these."""
    checkpoints.mkdir(parents=True)
    path = weights_file("inception")
    path.symlink_to(random_weights)
    take_for_published("inception", monkeypatch)
    return path


def take_for_published(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the file that is there be the published one."""
    sha256 = hashlib.sha256(weights_file(kind).read_bytes()).hexdigest()
    monkeypatch.setitem(PUBLISHED, kind, replace(PUBLISHED[kind], sha256=sha256))
