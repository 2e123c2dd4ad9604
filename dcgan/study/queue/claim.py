"""Claim: a trial that a worker has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dcgan.study.plan import Trial


@dataclass(frozen=True)
class Claim:
    """A trial that this process has, until it settles it, dies, or `lost` says that others took it for dead."""

    number: int
    trial: Trial
    key: int  # Optuna's own
    lost: Callable[[], bool] = lambda: False
