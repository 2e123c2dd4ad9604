"""What a plan's seeds can resolve, and what other designs would with the same number of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dcgan.statistics.resolution import Planned, assumed_sd, detectable, size
from dcgan.study.plan import Plan


def planned(plan: Plan, seeds: int) -> Planned:
    """What that plan compares when all of its arms have so many seeds."""
    effects = plan.reading.effects
    orthogonal = bool(effects) and not effects[0].beside
    compared = len(effects) if effects else len(plan.arms) - 1
    return Planned(seeds, compared, len(plan.arms) if orthogonal else 0, plan.looks)


@dataclass(frozen=True)
class Alternative:
    """Another design of the same factors with at most as many runs.

    `effect`: the smallest that it finds with 80 % probability, in standard deviations of two arms' paired differences.
    """

    design: str
    arms: int
    seeds: int
    effect: float
    meaning: str

    def words(self, sd: float | None, metric: str, ratio: bool) -> str:
        """It in a line; `sd` of paired differences on the scale, None where it is assumed."""
        if ratio:
            effect = f"{size(self.effect * (assumed_sd() if sd is None else sd))} of {metric}"
        else:
            effect = f"{self.effect:.1f} sd" if sd is None else f"{self.effect * sd:.3g} {metric}"
        runs = self.arms * self.seeds
        return f"{self.design}, {self.arms} arms x {self.seeds} seeds = {runs} runs: {effect}; {self.meaning}"

    def to_json(self) -> dict[str, Any]:
        """It with what it resolves in standard deviations."""
        return {
            "design": self.design,
            "arms": self.arms,
            "seeds": self.seeds,
            "resolvable_in_sd": self.effect,
            "meaning": self.meaning,
        }


_SCREENED = (3, 23)  # factors that Plackett-Burman designs are offered for
_ALONE = "each tip's effect beside the others as they are in the baseline"
_AVERAGE = "each tip's effect on average over all others"
_CLEAR = f"{_AVERAGE}, clear of interactions of two"


def alternatives(plan: Plan, seeds: int) -> list[Alternative]:
    """Designs with the same factors and as many runs or fewer, that of the plan left out, the safest first.

    Only of factors with two levels each, and where not one arm stops alone.
    """
    factors = len(plan.factors)
    if plan.looks is not None or factors < 2 or any(len(factor.others) != 1 for factor in plan.factors):
        return []
    runs = seeds * len(plan.arms)
    orthogonal = bool(planned(plan, seeds).arms)
    offered = []
    if 2**factors <= runs:
        pairs = factors * (factors - 1) // 2  # its interactions of two are in the same family
        offered.append(("factorial", 2**factors, factors + pairs, True, _AVERAGE + "; nothing is mixed"))
    if _SCREENED[0] <= factors <= _SCREENED[1]:
        screening = 4 * (factors // 4 + 1)  # arms of a Plackett-Burman design
        offered += [
            ("plackett-burman, foldover: true", 2 * screening, factors, True, _CLEAR),
            ("plackett-burman", screening, factors, True, _AVERAGE + ", but mixed with interactions of others"),
        ]
    if plan.reading.effects:
        offered.append(("one-at-a-time or leave-one-out", factors + 1, factors, False, _ALONE))
    found = []
    for design, arms, compared, pooled, meaning in offered:
        each = runs // arms
        effect = detectable(Planned(each, compared, arms if pooled else 0)) if each > 1 else None
        own = arms == len(plan.arms) and pooled == orthogonal
        if effect is not None and not own:
            found.append(Alternative(design, arms, each, effect, meaning))
    return found
