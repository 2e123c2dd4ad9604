"""Every combination of all levels."""

from __future__ import annotations

import itertools
import math
from typing import ClassVar

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Effect, Reading
from dcgan.sweeps.designs.arm import Arm, crossed
from dcgan.sweeps.designs.design import MOST_ARMS, Design
from dcgan.sweeps.designs.factor import Factor


class Factorial(Design):
    """Every combination of all levels, the baseline first: the product of the numbers of levels.

    All main effects and all interactions are estimated clear of each other.
    """

    name: ClassVar[str] = "factorial"

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        levels = [(factor.start, *factor.others) for factor in factors]
        if (count := math.prod(len(each) for each in levels)) > MOST_ARMS:
            raise Misuse(
                f"design={self.name} of these {len(factors)} factors has {count} arms, and {MOST_ARMS} are the most: "
                "use {fractional: {resolution: 4}} (two levels each), or fewer factors"
            )
        return [crossed(factors, start, combination) for combination in itertools.product(*levels)]

    def reading(self, arms: list[Arm], factors: list[Factor]) -> Reading:
        mains = [Effect((term,)) for factor in factors for term in factor.terms()]
        pairs = [
            Effect((first, second))
            for one, other in itertools.combinations(factors, 2)
            for first in one.terms()
            for second in other.terms()
        ]
        return Reading((*mains, *pairs))


class Grid(Factorial):
    """The same, by the name that it has in searches."""

    name: ClassVar[str] = "grid"
