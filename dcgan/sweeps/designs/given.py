"""Arms that are written down one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import field_validator

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.sweeps.designs.arm import Arm, baseline_name
from dcgan.sweeps.designs.design import Design
from dcgan.sweeps.designs.factor import Factor, level_text


class Given(Design):
    """The baseline, then the combinations by name: `{best: {he_init: on, optimizer.generator.lr: 0.0001}}`.

    A factor that a combination does not name is at its start level.
    """

    name: ClassVar[str] = "given"
    arm_by_arm: ClassVar[bool] = True

    combinations: Mapping[str, Mapping[str, str]]

    @field_validator("combinations", mode="before")
    @classmethod
    def _levels_as_text(cls, given: Any) -> Any:
        """YAML reads a bare `on` as true and a bare `off` as false; `check` finds out what was meant."""
        if not isinstance(given, Mapping) or not given:
            raise ValueError("expected one combination or more, {name: {factor: level}}")
        for name, levels in given.items():
            if not isinstance(levels, Mapping):
                raise ValueError(f"'{name}': expected {{factor: level}}, not {levels!r}")
        return {
            str(name): {factor: level_text(level) for factor, level in levels.items()} for name, levels in given.items()
        }

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        usual = {factor.name: factor.start for factor in factors}
        arms = [Arm(baseline_name(factors, start), usual)]
        for name, chosen in self.combinations.items():
            levels = {**usual, **{factor: _level(name, factor, level, factors) for factor, level in chosen.items()}}
            for other in arms:
                if other.name == name or other.levels == levels:
                    raise Misuse(f"design={self.name}: combination '{name}' is the arm '{other.name}' again")
            arms.append(Arm(name, levels))
        return arms

    def __str__(self) -> str:
        return self.name


def _level(combination: str, name: str, level: str, factors: list[Factor]) -> str:
    """The level of a factor, checked."""
    where = f"design=given: combination '{combination}'"
    factor = next((each for each in factors if each.name == name), None)
    if factor is None:
        raise Misuse(f"{where}: no factor '{name}'{did_you_mean(name, [each.name for each in factors])}")
    if factor.values is None:
        level = {"true": "on", "false": "off"}.get(level, level)
    offered = (factor.start, *factor.others)
    if level not in offered:
        raise Misuse(f"{where}: factor '{name}' has no level '{level}'{did_you_mean(level, offered)}")
    return level
