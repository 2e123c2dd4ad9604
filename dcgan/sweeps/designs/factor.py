"""Factors: what is varied, and between which levels."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.statistics.contrasts import Term
from dcgan.tips import tip

OWN = "own"  # the level of a tip that the experiment has, set otherwise than any level of the catalogue


def level_text(value: Any) -> str:
    """A level as it is named in arms and tables: text as it is, everything else as JSON (`true`, `null`,
    `0.0002`)."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Factor:
    """A thing that is varied. `start` is its level in the baseline, `others` are tried against it.

    `low`: which level an effect is told from, where that is neither `off` nor `start`. `held`: the keys that no level
    of it changes, since they were typed for every arm.
    """

    name: str
    start: str
    others: tuple[str, ...]
    values: Mapping[str, Any] | None = None  # a path's values by level; None: a tip of the catalogue
    low: str | None = None
    held: frozenset[str] = frozenset()

    def changes(self, level: str, experiment: Experiment) -> dict[str, Any]:
        """The dotted keys and values of a level."""
        if self.values is None:
            fragment = {} if level == OWN else tip(self.name).fragment(level, experiment)
            return {key: value for key, value in fragment.items() if key not in self.held}
        return {self.name: self.values[level]}

    def terms(self) -> list[Term]:
        """The effects of this factor, each from a low to a high level: from `off` to `on` wherever the design starts,
        otherwise from `low` or `start` to each other level."""
        if self.low is not None:
            return [(self.name, self.low, level) for level in (self.start, *self.others) if level != self.low]
        if {self.start, *self.others} == {"off", "on"}:
            return [(self.name, "off", "on")]
        return [(self.name, self.start, level) for level in self.others]

    def label(self, level: str) -> str:
        """What an arm is called after this factor at that level: `he_init`, `without-he_init`,
        `path=level`."""
        if self.values is None and level in {"on", "off"}:
            return self.name if level == "on" else f"without-{self.name}"
        return f"{self.name}={level}"


def start_level(start: str) -> str | None:
    """The level of every tip that an arm does not vary: `bare` is no tip on, `all` is every tip on; None where each
    stays as the experiment has it."""
    return {"bare": "off", "all": "on"}.get(start)


def tip_factor(name: str, start: str, levels: Sequence[str] = ()) -> Factor:
    """A tip with those levels, the baseline's first; without: off in a `bare` baseline and on in an `all` baseline."""
    first, *others = levels or (("on", "off") if start == "all" else ("off", "on"))
    return Factor(name, first, tuple(others))


def own_factor(name: str, base: Experiment, *, switched_on: bool, typed: Collection[str] = ()) -> Factor:
    """A tip between what the experiment has of it and the other side. The baseline is at what it has, or, if
    `switched_on`, with the tip.

    What is off is switched on. What is on, at the catalogue's `on` or set otherwise (`OWN`), is taken away. What is at
    another level of the catalogue (`he_init` at `dcgan`) is switched on from there. Keys `typed` for every arm keep
    their values where a tip is switched on from `off` (a penalty's weight); else they are what `base` has of it. Raises
    Misuse for a tip that cannot be taken away, since its `off` leaves every experiment as it is, and where what is
    typed leaves nothing to switch on.
    """
    at = tip(name).level_of(base) or OWN
    low, high = {"off": ("off", "on"), "on": ("off", "on"), OWN: ("off", OWN)}.get(at, (at, "on"))
    start = high if switched_on else at
    other = low if start == high else high
    turned = low if at == high else high
    held = frozenset(key for key in typed if at == "off" and varies(name, "on", key))
    factor = Factor(name, start, (other,), low=None if {low, high} == {"off", "on"} else low, held=held)
    if at != "off" and base.with_(factor.changes(turned, base)).id == base.id:
        raise Misuse(_cannot_be_turned(name, at, turned, base))
    if held and _changes_nothing(factor.changes(turned, base), base):
        own = flatten(base.model_dump(mode="json"))
        shown = ", ".join(f"{key}={level_text(own[key])}" for key in sorted(held))
        raise Misuse(
            f"factor '{name}': {shown} is set, holds in every arm and leaves nothing to switch on: do not set it"
        )
    return factor


def varies(name: str, level: str, key: str) -> bool:
    """Whether a level of a tip gives a key a value of its own: one that is not relative to what it was."""
    fragment = tip(name).levels[level]
    return key in fragment and getattr(fragment[key], "key", None) != key


def _changes_nothing(changes: Mapping[str, Any], base: Experiment) -> bool:
    with contextlib.suppress(Misuse):  # what cannot be is refused with the name of its arm
        return base.with_(dict(changes)).id == base.id
    return False


def _cannot_be_turned(name: str, at: str, turned: str, base: Experiment) -> str:
    """Why, and how the settings themselves are compared."""
    own, usual = (flatten(each.model_dump(mode="json")) for each in (base, Experiment()))
    key = next(iter(tip(name).fragment(at, base)))
    return (
        f"factor '{name}': experiment '{base.name}' has it at {at}, and {turned} changes nothing there: say what takes "
        f"its place, as in {{path: {key}, levels: [{level_text(own[key])}, {level_text(usual[key])}]}}"
    )


def path_factor(path: str, levels: Iterable[Any]) -> Factor:
    """A dotted key with its values; the first one is the baseline's, wherever the design starts."""
    values = {level_text(level): level for level in levels}
    first, *others = values
    return Factor(path, first, tuple(others), values)
