"""One factor changed at a time: from the baseline, from the one with every listed tip, or from both."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Effect, Reading
from dcgan.sweeps.designs.arm import Arm, baseline_name
from dcgan.sweeps.designs.design import Design, only_two_levels
from dcgan.sweeps.designs.factor import Factor, start_level


class OneAtATime(Design):
    """The baseline, then each other level of each factor alone: 1 + sum of (levels - 1) arms."""

    name: ClassVar[str] = "one-at-a-time"
    arm_by_arm: ClassVar[bool] = True

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        baseline = Arm(baseline_name(factors, start), {factor.name: factor.start for factor in factors})
        return [baseline, *_changed(factors, baseline)]


class LeaveOneOut(OneAtATime):
    """The same from all of the listed tips: there, changing one factor at a time is leaving one out."""

    name: ClassVar[str] = "leave-one-out"
    switched_on: ClassVar[bool] = True

    def check_start(self, start: str) -> None:
        if start == "bare":
            raise Misuse(
                "design=leave-one-out takes one tip away from all, and start=bare has none: use start=experiment (the "
                "listed tips on, the rest as it is), start=all, or design=one-at-a-time"
            )


class Both(Design):
    """Every factor changed alone beside the baseline, and alone beside its opposite, where all others are changed:
    2 + 2 x factors arms. Where the two differences of a factor disagree, it interacts with the others.

    Two factors make four arms: the factorial.
    """

    name: ClassVar[str] = "both"

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        only_two_levels(factors, self.name, "one-at-a-time")
        if len(factors) < 2:
            raise Misuse("design=both needs two factors or more: with one, nothing can interact; use one-at-a-time")
        near = OneAtATime().arms(factors, start)
        turned = [replace(each, start=each.others[0], others=(each.start,)) for each in factors]
        opposite = Arm(_opposite_name(turned, start), {factor.name: factor.start for factor in turned})
        far = [opposite, *_changed(turned, opposite)]
        return [*near, *(arm for arm in far if arm.levels not in [other.levels for other in near])]

    def reading(self, arms: list[Arm], factors: list[Factor]) -> Reading:
        baseline = arms[0].levels
        names = {tuple(arm.levels.items()): arm.name for arm in arms}
        opposite = {factor.name: factor.others[0] for factor in factors}
        effects = []
        for factor in factors:
            (term,) = factor.terms()
            for beside in (baseline, opposite):
                other = opposite if beside is baseline else baseline
                changed = {**beside, factor.name: other[factor.name]}
                pair = names[tuple(beside.items())], names[tuple(changed.items())]
                effects.append(Effect((term,), pair, pair[0]))
        return Reading(tuple(effects))


def _changed(factors: list[Factor], baseline: Arm) -> list[Arm]:
    """Each other level of each factor alone."""
    return [
        Arm(factor.label(level), {**baseline.levels, factor.name: level})
        for factor in factors
        for level in factor.others
    ]


def _opposite_name(turned: list[Factor], start: str) -> str:
    """`all` for the opposite of `bare` and the other way round, unless a tip of it is at neither."""
    if start_level(start) is None:
        return "opposite"
    other = "bare" if start == "all" else "all"
    tips = [factor for factor in turned if factor.values is None]
    return other if all(factor.start == start_level(other) for factor in tips) else "opposite"
