"""A study to draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.report import from_study
from dcgan.report.analysis import Analysis, analyse


@pytest.fixture
def analysis(study: Callable[..., Path]) -> Analysis:
    """Of a study with one diverged run."""
    return analyse(from_study(study(statuses={("optimizer", 1): "diverged"})))
