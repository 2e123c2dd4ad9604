"""Factors: what is varied, and between which levels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.experiment import Experiment
from dcgan.statistics.contrasts import Term
from dcgan.tips import tip


def level_text(value: Any) -> str:
    """A level as it is named in arms and tables: text as it is, everything else as JSON (`true`, `null`,
    `0.0002`)."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Factor:
    """A thing that is varied. `start` is its level in the baseline, `others` are tried against it."""

    name: str
    start: str
    others: tuple[str, ...]
    values: Mapping[str, Any] | None = None  # a path's values by level; None: a tip of the catalogue

    def changes(self, level: str, experiment: Experiment) -> dict[str, Any]:
        """The dotted keys and values of a level."""
        if self.values is None:
            return tip(self.name).fragment(level, experiment)
        return {self.name: self.values[level]}

    def terms(self) -> list[Term]:
        """The effects of this factor, each from a low to a high level: from `off` to `on` wherever the design starts,
        otherwise from `start` to each other level."""
        if {self.start, *self.others} == {"off", "on"}:
            return [(self.name, "off", "on")]
        return [(self.name, self.start, level) for level in self.others]

    def label(self, level: str) -> str:
        """What an arm is called after this factor at that level: `he_init`, `without-he_init`,
        `path=level`."""
        if self.values is None and level in {"on", "off"}:
            return self.name if level == "on" else f"without-{self.name}"
        return f"{self.name}={level}"


def start_level(start: str) -> str:
    """The level of every tip that an arm does not vary: `bare` is no tip on, `all` is every tip on."""
    return "on" if start == "all" else "off"


def tip_factor(name: str, start: str, levels: Sequence[str] = ()) -> Factor:
    """A tip with those levels, the baseline's first; without: off in a `bare` baseline and on in an `all` baseline."""
    first, *others = levels or (("on", "off") if start == "all" else ("off", "on"))
    return Factor(name, first, tuple(others))


def path_factor(path: str, levels: Iterable[Any]) -> Factor:
    """A dotted key with its values; the first one is the baseline's, wherever the design starts."""
    values = {level_text(level): level for level in levels}
    first, *others = values
    return Factor(path, first, tuple(others), values)
