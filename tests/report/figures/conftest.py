"""A study to draw."""

from __future__ import annotations

import pytest

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_study
from tests.known_studies import make_study


@pytest.fixture(scope="session")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of a study with one diverged run; made once for all figures."""
    folder = make_study(tmp_path_factory.mktemp("figures"), statuses={("optimizer", 1): "diverged"})
    return analyse(from_study(folder))
