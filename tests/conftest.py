"""What all tests share: folders of their own, one thread, and an experiment small enough to train in a blink."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import settings

from dcgan.experiment import Experiment, parse

torch.set_num_threads(1)
settings.register_profile("suite", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's folders, and none talks to W&B."""
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.delenv("DCGAN_DATA", raising=False)


def tiny_experiment() -> Experiment:
    """Digits at 16 x 16 with narrow networks: 200 images in batches of 20, one score at the end."""
    return parse(
        {
            "name": "tiny",
            "data": {"name": "digits", "size": 16},
            "latent": {"dim": 8},
            "generator": {"width": 8},
            "discriminator": {"width": 8},
            "update": {"batch": 20},
            "budget": {"epochs": 4, "images_per_epoch": 50},
            "score": {"extractor": "none"},
            "tracking": {"tick_images": 60, "grid": 4},
            "compute": {"threads": 1, "device": "cpu"},
        },
        "tiny",
    )


@pytest.fixture
def tiny() -> Experiment:
    """See `tiny_experiment`."""
    return tiny_experiment()
