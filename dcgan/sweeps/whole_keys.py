"""Keys of a sweep that are given as a whole, and what to type where a part of one was given: `design.resolution=4`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dcgan.common.errors import closest
from dcgan.experiment.key_hints import nested
from dcgan.sweeps.designs.registry import DESIGNS
from dcgan.sweeps.stopping import Stop
from dcgan.sweeps.tuning import Tune

WHOLE = ("design", "stop", "tune")
_PARTS = {"stop": tuple(Stop.model_fields), "tune": tuple(Tune.model_fields)}


def as_a_whole(key: str, value: Any) -> str:
    """What to say of a part of a key of `WHOLE`: how the whole is typed, with the closest part that there is."""
    first, _, part = key.partition(".")
    known = _designs() if first == "design" else {name: name for name in _PARTS[first]}
    meant = closest(part, [*known, *known.values()])
    whole = next((whole for whole, own in known.items() if meant in (whole, own)), None)
    if whole is None:
        return f"{first} has no '{part}'; its parts: {', '.join(dict.fromkeys(known.values()))}"
    typed = f"{first}='{{{nested(whole, json.dumps(value))}}}'"
    if meant != part:
        return f"{first} has no '{part}'; did you mean {typed}?"
    return f"{first} is given as a whole, as in {typed}"


def _designs() -> Mapping[str, str]:
    """The settings of designs, `fractional.resolution`, each with its own name."""
    return {f"{name}.{setting}": setting for name, design in DESIGNS.items() for setting in design.model_fields}
