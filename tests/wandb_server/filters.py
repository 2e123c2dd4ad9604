"""Which runs a MongoDB-like filter of the public API lets through, and in which order they come."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.wandb_server.graphql import Unknown
from tests.wandb_server.state import Run

_ATTRIBUTES = {"name": "id", "display_name": "name", "displayName": "name", "jobType": "job_type"}


def _value(run: Run, key: str, state: Callable[[Run], str]) -> Any:
    if key == "state":
        return state(run)
    if key.startswith("config."):
        return run.config.get(key.removeprefix("config.").removesuffix(".value"))
    if key.startswith("summary_metrics."):
        return run.summary.get(key.removeprefix("summary_metrics."))
    if key in ("created_at", "createdAt"):
        return run.number
    if key in ("heartbeat_at", "heartbeatAt"):
        return run.heard
    attribute = _ATTRIBUTES.get(key, key)
    if not hasattr(run, attribute):
        raise Unknown(f"filter on {key}", 400)
    return getattr(run, attribute)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, given: value == given or (isinstance(value, list) and given in value),
    "$ne": lambda value, given: not (value == given or (isinstance(value, list) and given in value)),
    "$in": lambda value, given: bool(set(value) & set(given)) if isinstance(value, list) else value in given,
    "$nin": lambda value, given: value not in given,
    "$gt": lambda value, given: value is not None and value > given,
    "$gte": lambda value, given: value is not None and value >= given,
    "$lt": lambda value, given: value is not None and value < given,
    "$lte": lambda value, given: value is not None and value <= given,
    "$regex": lambda value, given: re.search(given, str(value)) is not None,
    "$exists": lambda value, given: (value is not None) == given,
}


def _passes(run: Run, filters: dict[str, Any], state: Callable[[Run], str]) -> bool:
    for key, given in filters.items():
        if key in ("$and", "$or"):
            parts = [_passes(run, part, state) for part in given]
            if not (all(parts) if key == "$and" else any(parts) or not parts):
                return False
        else:
            value = _value(run, key, state)
            tests = given if isinstance(given, dict) else {"$eq": given}
            if not all(_OPERATORS[operator](value, wanted) for operator, wanted in tests.items()):
                return False
    return True


def matching(runs: list[Run], filters: dict[str, Any], state: Callable[[Run], str]) -> list[Run]:
    """Those that pass; `state` says how a run stands."""
    return [run for run in runs if _passes(run, filters, state)]


def ordered(runs: list[Run], order: str) -> list[Run]:
    """By `+KEY` or `-KEY`; runs that lack the key come last."""
    key = order.lstrip("+-")
    have = [run for run in runs if _value(run, key, lambda run: run.state) is not None]
    have.sort(key=lambda run: _value(run, key, lambda run: run.state), reverse=order.startswith("-"))
    return have + [run for run in runs if run not in have]
