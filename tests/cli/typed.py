"""Words as they are typed, and what a command printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

TINY = [
    "data.size=16", "latent.dim=8", "generator.width=8", "discriminator.width=8", "update.batch=20", "budget.epochs=2",
    "budget.images_per_epoch=40", "tracking.grid=4", "score.every_epochs=0",
]  # fmt: skip


def printed_json(capsys: pytest.CaptureFixture[str]) -> Any:
    """What was printed since the last look, as the one JSON value that it must be."""
    return json.loads(capsys.readouterr().out)
