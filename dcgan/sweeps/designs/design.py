"""What every design is: settings, arms, and how these are to be read together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Reading
from dcgan.sweeps.designs.arm import Arm
from dcgan.sweeps.designs.factor import Factor

MOST_ARMS = 4096  # more are a slip of the pen, not a study
MOST_TRIALS = 100_000  # of a study, and so of its seeds: plan.json, which has a line of each, is read up to 16 MiB


class Design(BaseModel, ABC):
    """A design; its fields are its settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    switched_on: ClassVar[bool] = False  # whether a baseline that starts from the experiment has the listed tips on
    grows: ClassVar[bool] = False  # whether arms are added as the study goes on
    # Whether each arm is compared with the baseline alone, so that one may stop before the others. A design that
    # estimates its effects from all of its arms together needs every seed of every arm.
    arm_by_arm: ClassVar[bool] = False

    @abstractmethod
    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        """The arms, the baseline first, no two with the same levels. Raises Misuse where there is no such design."""

    def reading(self, arms: list[Arm], factors: list[Factor]) -> Reading:
        """How these arms, of these factors, are read together; without effects, each is compared with the baseline.

        An effect is estimated as the mean of its arms at the high level minus the mean of those at the low one
        (`dcgan.statistics.contrasts`). That is the effect only where the columns of codes are orthogonal and balanced:
        a design that is not may name no effects, or needs an estimator of its own.
        """
        return Reading()

    def check_start(self, start: str) -> None:
        """Raises Misuse for a start that the design cannot have."""

    def objectives(self, goal: str) -> list[str]:
        """What is optimized, each `minimize` or `maximize`: the metric, which has that goal."""
        return [goal]

    def settings(self) -> str | dict[str, dict[str, Any]]:
        """As a sweep file has it: the name, or the name with its settings."""
        own = self.model_dump(mode="json")
        return {self.name: own} if own else self.name

    def __str__(self) -> str:
        settings = self.model_dump().items()
        own = ", ".join(key if value is True else f"{key} {value}" for key, value in settings if value is not False)
        return f"{self.name} ({own})" if own else self.name


def only_two_levels(factors: list[Factor], design: str, instead: str) -> None:
    """Refuses a factor with more than two levels."""
    for factor in factors:
        if len(factor.others) > 1:
            count = 1 + len(factor.others)
            raise Misuse(
                f"design={design} takes factors with two levels, and '{factor.name}' has {count}: choose two of them, "
                f"or use {instead}"
            )
