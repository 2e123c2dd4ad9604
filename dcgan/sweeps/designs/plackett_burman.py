"""Plackett-Burman designs: the fewest arms for main effects alone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Aliases, Reading
from dcgan.sweeps.designs.aliased import alias_table, arms_of, reading_of
from dcgan.sweeps.designs.arm import Arm
from dcgan.sweeps.designs.design import Design, only_two_levels
from dcgan.sweeps.designs.factor import Factor


class PlackettBurman(Design):
    """As many arms as the next multiple of four above the number of factors, half of them at each level of each factor
    (Plackett and Burman 1946): 12 arms for 11 tips.

    A main effect shares a part of every interaction that it is not in (a third each, in 12 arms). `foldover` adds the
    opposite of every arm, which makes main effects clear of two-factor interactions at twice the cost (Box and Wilson
    1951). The levels are turned so that the baseline is among the arms.
    """

    name: ClassVar[str] = "plackett-burman"

    foldover: bool = False

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        only_two_levels(factors, self.name, "factorial")
        return arms_of(matrix(len(factors), foldover=self.foldover), factors, start)

    def reading(self, arms: list[Arm], factors: list[Factor]) -> Reading:
        table = alias_table(arms, factors)
        clear = not any(alias.others for alias in table if len(alias.effect) == 1)
        return reading_of(Aliases(4 if clear else 3, table), factors)


def matrix(factors: int, *, foldover: bool = False) -> NDArray[np.float64]:
    """The runs, [runs, factors] of -1 and +1, the run with +1 everywhere first. Raises Misuse where there is no such
    design, or where it would have a run twice."""
    from pydoe import pbdesign

    if factors < 3:
        raise Misuse(f"design=plackett-burman needs three factors or more, not {factors}: use factorial")
    try:
        signs: NDArray[np.float64] = pbdesign(factors)[::-1]
    except ValueError:
        runs = 4 * (factors // 4 + 1)
        raise Misuse(
            f"no Plackett-Burman design of {factors} factors ({runs} arms) is known here: leave factors out (23 fit "
            "into 24 arms), or use {fractional: {resolution: 3}}"
        ) from None
    return np.concatenate([signs, -signs]) if foldover else signs
