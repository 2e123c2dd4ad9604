"""The designs by name, and how one is read from a sweep file."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.sweeps.designs.design import Design
from dcgan.sweeps.designs.factorial import Factorial, Grid
from dcgan.sweeps.designs.fractional import Fractional
from dcgan.sweeps.designs.given import Given
from dcgan.sweeps.designs.one_at_a_time import Both, LeaveOneOut, OneAtATime
from dcgan.sweeps.designs.plackett_burman import PlackettBurman
from dcgan.sweeps.designs.search import Search

_ALL: tuple[type[Design], ...] = (
    *(OneAtATime, LeaveOneOut, Both, Factorial, Fractional, PlackettBurman, Grid),
    *(Given, Search),
)
DESIGNS = {design.name: design for design in _ALL}


def read_design(given: Any) -> Design:
    """A design from its name, or from a mapping of its name to its settings: `{fractional: {resolution: 4}}`; one that
    was read already is returned as it is.

    Raises Misuse with the closest name of a design or setting, or with what a setting takes.
    """
    if isinstance(given, Design):
        return given
    name, settings = next(iter(given.items())) if isinstance(given, dict) and len(given) == 1 else (given, None)
    if not isinstance(name, str):
        raise Misuse(
            f"design={given!r}: expected a name, or one name with its settings: {{fractional: {{resolution: 4}}}}"
        )
    if name not in DESIGNS:
        raise Misuse(f"no design named '{name}'{did_you_mean(name, DESIGNS)}")
    kind = DESIGNS[name]
    if not isinstance(settings, dict | None):
        raise Misuse(f"design={name}: expected a mapping of settings, not {settings!r}")
    for key in settings or {}:
        if key not in kind.model_fields:
            hint = did_you_mean(str(key), kind.model_fields) or ": it has none"
            raise Misuse(f"design={name} has no setting '{key}'{hint}")
    try:
        return kind.model_validate(settings or {})
    except ValidationError as error:
        raise Misuse(f"design={name}: {_complaint(error)}") from None


def _complaint(error: ValidationError) -> str:
    """The first thing that is wrong with the settings."""
    first = error.errors()[0]
    key = first["loc"][0] if first["loc"] else None
    if first["type"] == "missing":
        return f"'{key}' is missing"
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    return message if key is None else f"{key}={first['input']!r}: {message}"
