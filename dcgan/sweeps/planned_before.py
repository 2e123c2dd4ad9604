"""What a study that was planned before keeps where today's usual is another: its start, and what `set` came to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.files import checked_name
from dcgan.common.overrides import flatten
from dcgan.common.yaml_text import read_yaml
from dcgan.records import plan_file
from dcgan.records.plan_file import PlanRecord
from dcgan.sweeps.designs.search import SUFFIX as SEARCH
from dcgan.sweeps.tuning import SUFFIX as TUNING


def planned_before(study: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """`start` and `overruled` of the study of that name that was planned here, with those `settings` for every arm;
    nothing where there is none. Raises DcganError for a plan that is damaged.

    Of a study that tunes or searches first, the plan of that is there before its own.
    """
    with contextlib.suppress(Misuse):  # of what is no name there is no folder; the sweep refuses it
        study = checked_name(study, "study")
        return _of_the_first(study, settings)
    return {}


def _of_the_first(study: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    for folder in (paths.studies() / f"{study}{suffix}" for suffix in ("", SEARCH, TUNING)):
        if plan_file.is_study(folder):
            return kept(plan_file.read(folder), _same(_set_in(folder), settings))
    return {}


def kept(written: PlanRecord, settings: Iterable[str]) -> dict[str, Any]:
    """What a plan that was written with those keys in `set` keeps.

    Once a start changed a setting that was typed where the tip's value is relative to it: `bare` made a batch of 500 of
    the 50 that `set` had. What is both typed and held was planned so.
    """
    start = {} if written.start is None else {"start": written.start}
    return {**start, "overruled": tuple(key for key in settings if key in written.held)}


def _set_in(folder: Path) -> dict[str, Any]:
    path = folder / "sweep.yaml"
    given = read_yaml(path).get("set") if path.is_file() else None
    return flatten(given) if isinstance(given, dict) else {}


def _same(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys that both set, to the same value."""
    return [key for key, value in before.items() if key in now and now[key] == value]
