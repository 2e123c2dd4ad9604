"""Designs: which arms are run. Pure functions from factors to arms; nothing here trains or writes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.tips import TIPS, tip


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

    def label(self, level: str) -> str:
        """What an arm is called after this factor at that level: `he_init`, `without-he_init`,
        `path=level`."""
        if self.values is None and level in {"on", "off"}:
            return self.name if level == "on" else f"without-{self.name}"
        return f"{self.name}={level}"


@dataclass(frozen=True)
class Arm:
    """One level of every factor, under a name."""

    name: str
    levels: Mapping[str, str]


def start_level(start: str) -> str:
    """The level of every tip that an arm does not vary: `bare` is no tip on, `all` is every tip on."""
    return "on" if start == "all" else "off"


def tip_factor(name: str, start: str, levels: Sequence[str] = ()) -> Factor:
    """A tip with those levels, the baseline's first; without: off in a `bare` baseline and on in an `all` baseline."""
    first, *others = levels or (("on", "off") if start == "all" else ("off", "on"))
    return Factor(name, first, tuple(others))


def held(factors: list[Factor], start: str, base: Experiment, chosen: Collection[str]) -> dict[str, Any]:
    """The dotted keys and values that the article's tips which are no factors put into every arm, at their start level.

    `base` has the keys `chosen` by the user already: those win, unless the tip's value is relative to that very
    key (mini-batches off are ten times the chosen batch). Keys that are factors themselves are left to them.
    """
    varied = {factor.name for factor in factors}
    changes: dict[str, Any] = {}
    for name, each in TIPS.items():
        if name in varied or not each.common:
            continue
        level = start_level(start)
        for key, value in each.fragment(level, base).items():
            written = each.levels[level][key]
            of_itself = getattr(written, "key", None) == key
            if key not in varied and (key not in chosen or of_itself):
                changes[key] = value
    return changes


def path_factor(path: str, levels: Iterable[Any]) -> Factor:
    """A dotted key with its values; the first one is the baseline's, wherever the design starts."""
    values = {level_text(level): level for level in levels}
    first, *others = values
    return Factor(path, first, tuple(others), values)


def _name(factors: list[Factor], start: str) -> str:
    """What the baseline is called: as the design starts, unless a tip begins at another level than that."""
    tips = [factor for factor in factors if factor.values is None]
    return start if all(factor.start == start_level(start) for factor in tips) else "baseline"


def one_at_a_time(factors: list[Factor], start: str) -> list[Arm]:
    """The baseline, then each other level of each factor alone: 1 + sum of (levels - 1) arms."""
    baseline = {factor.name: factor.start for factor in factors}
    changed = [
        Arm(factor.label(level), {**baseline, factor.name: level}) for factor in factors for level in factor.others
    ]
    return [Arm(_name(factors, start), baseline), *changed]


def factorial(factors: list[Factor], start: str) -> list[Arm]:
    """Every combination of all levels, the baseline first: the product of the numbers of levels."""
    arms = []
    for combination in itertools.product(*((factor.start, *factor.others) for factor in factors)):
        changed = [
            factor.label(level) for factor, level in zip(factors, combination, strict=True) if level != factor.start
        ]
        levels = {factor.name: level for factor, level in zip(factors, combination, strict=True)}
        arms.append(Arm("+".join(changed) or _name(factors, start), levels))
    return arms


Design = Callable[[list[Factor], str], list[Arm]]

# From `all`, changing one factor at a time is leaving one out.
DESIGNS: dict[str, Design] = {
    "one-at-a-time": one_at_a_time,
    "leave-one-out": one_at_a_time,
    "factorial": factorial,
    "grid": factorial,
}
PLANNED_DESIGNS = ("fractional", "plackett-burman", "search")


def experiments(
    arms: list[Arm], factors: list[Factor], base: Experiment, held: Mapping[str, Any]
) -> dict[str, Experiment]:
    """The experiment of each arm, by name: `base`, what is `held` in every arm, then the factors at their levels.

    Relative levels refer to `base`, whichever tips are factors. Raises Misuse, naming the arm, for an experiment
    that cannot be, and for two arms that are the same experiment: comparing them would compare a run with itself.
    """
    made: dict[str, Experiment] = {}
    named: dict[str, str] = {}
    for arm in arms:
        changes = dict(held)
        for factor in factors:
            changes.update(factor.changes(arm.levels[factor.name], base))
        try:
            experiment = base.with_(changes)
        except Misuse as refusal:
            raise Misuse(f"arm '{arm.name}': {str(refusal).removeprefix('change: ')}") from None
        if other := named.get(experiment.id):
            raise Misuse(
                f"arms '{other}' and '{arm.name}' are the same experiment: this change is void in '{base.name}'"
            )
        named[experiment.id] = arm.name
        made[arm.name] = experiment
    return made
