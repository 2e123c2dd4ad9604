"""Tables and studies of known numbers, and reports on them, for all tests of reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.report import from_study
from tests.known_studies import csv_file, make_study, study, three_arms
from tests.report.machines import NARROW, WIDE, environments
from tests.report.reading import made

__all__ = ["csv_file", "study", "three_arms"]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a report on a study of which one trial diverged and one is to come; made once for all who read it."""
    statuses = {("optimizer", 1): "diverged", ("optimizer", 2): "planned"}
    return made(from_study(make_study(tmp_path_factory.mktemp("report"), statuses=statuses)))


@pytest.fixture
def mixed(study: Callable[..., Path]) -> Path:
    """Two of five runs of he_init and one of optimizer on another kind: three of fifteen pairs, in two of five seeds."""
    return study(environments=environments(WIDE, he_init={0: [NARROW], 3: [NARROW]}, optimizer={3: [NARROW]}))
