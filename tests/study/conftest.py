"""A tiny experiment, and sweeps over it in a home of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.postgres import postgres

__all__ = ["postgres"]

TINY = {
    "data": {"name": "digits", "size": 16},
    "latent": {"dim": 8},
    "generator": {"width": 8},
    "discriminator": {"width": 8},
    "update": {"batch": 10},  # bare multiplies it by ten
    "budget": {"epochs": 2, "images_per_epoch": 100},
    "score": {"every_epochs": 1},
    "tracking": {"wandb": "disabled"},
    "compute": {"device": "cpu", "threads": 1},
}

WriteSweep = Callable[..., str]


@pytest.fixture
def write_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteSweep:
    """Writes a sweep over the tiny experiment and gives its path; keyword arguments are its keys."""
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    experiment = tmp_path / "tiny.yaml"
    experiment.write_text(yaml.safe_dump(TINY))

    def write(name: str = "small", **keys: object) -> str:
        content = {"experiment": str(experiment), "factors": ["batch_norm", "he_init"], "seeds": 2, **keys}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write
