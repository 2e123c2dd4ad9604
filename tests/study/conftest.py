"""A tiny experiment, and sweeps over it in a home of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.postgres import postgres
from tests.tiny import CURVED

__all__ = ["postgres"]

WriteSweep = Callable[..., str]


@pytest.fixture
def write_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteSweep:
    """Writes a sweep over the tiny experiment and gives its path; keyword arguments are its keys."""
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    experiment = tmp_path / "tiny.yaml"
    experiment.write_text(yaml.safe_dump(CURVED))

    def write(name: str = "small", **keys: object) -> str:
        content = {"experiment": str(experiment), "factors": ["batch_norm", "he_init"], "seeds": 2, **keys}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write
