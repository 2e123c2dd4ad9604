"""Arms: one level of every factor under a name, and the experiment that it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.sweeps.designs.factor import Factor, start_level
from dcgan.tips import TIPS


@dataclass(frozen=True)
class Arm:
    """One level of every factor, under a name."""

    name: str
    levels: Mapping[str, str]


def baseline_name(factors: list[Factor], start: str) -> str:
    """What the baseline is called: `bare` or `all` where every tip is at that, else `baseline`."""
    if start_level(start) is None:
        return "baseline"
    tips = [factor for factor in factors if factor.values is None]
    return start if all(factor.start == start_level(start) for factor in tips) else "baseline"


def crossed(factors: list[Factor], start: str, levels: Sequence[str]) -> Arm:
    """The arm with those levels, in the order of the factors, called after those that differ from the baseline's."""
    pairs = list(zip(factors, levels, strict=True))
    changed = [factor.label(level) for factor, level in pairs if level != factor.start]
    name = "+".join(changed) or baseline_name(factors, start)
    return Arm(name, {factor.name: level for factor, level in pairs})


def held(factors: list[Factor], start: str, base: Experiment, chosen: Collection[str]) -> dict[str, Any]:
    """The dotted keys and values that the article's tips which are no factors put into every arm, at their start level.

    `base` has the keys `chosen` by the user already: those win. Keys that are factors themselves are left to them. None
    where a study starts from the experiment.
    """
    level = start_level(start)
    if level is None:
        return {}
    varied = {factor.name for factor in factors}
    changes: dict[str, Any] = {}
    for name, each in TIPS.items():
        if name not in varied and each.common:
            fragment = each.fragment(level, base)
            changes |= {key: value for key, value in fragment.items() if key not in varied and key not in chosen}
    return changes


def experiments(
    arms: list[Arm], factors: list[Factor], base: Experiment, held: Mapping[str, Any]
) -> dict[str, Experiment]:
    """The experiment of each arm, by name: `base`, what is `held` in every arm, then the factors at their levels.

    Relative levels refer to `base`, whichever tips are factors. Raises Misuse, naming the arm, for an experiment
    that cannot be.
    """
    by_arm: dict[str, Experiment] = {}
    for arm in arms:
        changes = dict(held)
        for factor in factors:
            changes.update(factor.changes(arm.levels[factor.name], base))
        try:
            by_arm[arm.name] = base.with_(changes)
        except Misuse as refusal:
            raise Misuse(f"arm '{arm.name}': {str(refusal).removeprefix('change: ')}") from None
    return by_arm


def check_distinct(by_arm: Mapping[str, Experiment], base: Experiment) -> None:
    """Raises Misuse for two arms that are the same experiment: comparing them would compare a run with itself."""
    arm_of_id: dict[str, str] = {}
    for arm, experiment in by_arm.items():
        if other := arm_of_id.get(experiment.id):
            raise Misuse(
                f"arms '{other}' and '{arm}' are the same experiment: this change has no effect in '{base.name}'"
            )
        arm_of_id[experiment.id] = arm
