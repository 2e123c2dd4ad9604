"""A run's record (run.json) as it is when the run begins or goes on."""

from __future__ import annotations

import datetime
from typing import Any

import dcgan
from dcgan.experiment import Experiment


def opened(experiment: Experiment, before: dict[str, Any] | None, where: dict[str, str | int]) -> dict[str, Any]:
    """The record of a run that is begun, or goes on after `before`; `where` describes the machine."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    before = before or {}
    return {
        "id": experiment.id,
        "name": experiment.name,
        "status": "running",
        "seed": experiment.seed,
        "attempts": before.get("attempts", 0) + 1,
        "started": before.get("started", now),
        "seconds": before.get("seconds", 0.0),
        "images": 0,
        "images_per_second": None,
        "scores": {},
        "protocol": {},
        "details": {},
        "also": [],
        "curve": None,
        "scoring_seconds": before.get("scoring_seconds", 0.0),
        "failure": None,
        "environment": where,
        "earlier_environments": _earlier(before, where),
        "version": dcgan.__version__,
        "digest": None,
    }


def _earlier(before: dict[str, Any], where: dict[str, str | int]) -> list[dict[str, str | int]]:
    """Where else the run was trained, if it was resumed somewhere else."""
    known = [*before.get("earlier_environments", []), *([before["environment"]] if before else [])]
    return [each for number, each in enumerate(known) if each != where and each not in known[:number]]
