"""Which combinations are tried is decided as one goes, by what the ones before came to."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from dcgan.common.errors import did_you_mean
from dcgan.sweeps.designs.arm import Arm
from dcgan.sweeps.designs.design import MOST_TRIALS, Design
from dcgan.sweeps.designs.factor import Factor

SAMPLERS = ("tpe", "random", "cmaes", "nsga2")
PRUNERS = ("none", "median", "hyperband", "wilcoxon")
INTERMEDIATE_PRUNERS = ("median", "hyperband")  # prune by the scores along the training
SUFFIX = "-search"  # of the study that searches, after the name of the one that confirms
FIRST_SEED = 2_000_000  # far from the seeds that people report
# A signed-rank test of n pairs has no p below 2^-n, and the pruner asks for one below 0.1 with a seed left to save.
_WILCOXON_SEEDS = 5


class Search(Design):
    """The baseline and `trials` - 1 combinations that a sampler chooses, each trained on `seeds` seeds of its own.

    The `confirm` best of them are then compared with the baseline on the sweep's seeds.
    """

    name: ClassVar[str] = "search"
    grows: ClassVar[bool] = True
    arm_by_arm: ClassVar[bool] = True  # those that it confirms

    sampler: str = "tpe"
    pruner: str = "none"
    trials: int = Field(ge=2)
    seeds: int = Field(default=1, ge=1)
    confirm: int = Field(default=3, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**31)  # of the sampler

    @field_validator("sampler")
    @classmethod
    def _known_sampler(cls, name: str) -> str:
        if name not in SAMPLERS:
            raise ValueError(f"no such sampler{did_you_mean(name, SAMPLERS)}")
        return name

    @field_validator("pruner", mode="before")
    @classmethod
    def _known_pruner(cls, name: Any) -> Any:
        name = "none" if name is None else name
        if name not in PRUNERS:
            raise ValueError(f"no such pruner{did_you_mean(str(name), PRUNERS)}")
        return name

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.pruner != "none" and self.sampler == "nsga2":
            raise ValueError(
                f"pruner={self.pruner} judges by one number, and sampler=nsga2 weighs two: use pruner=none"
            )
        if self.pruner == "wilcoxon" and self.seeds < _WILCOXON_SEEDS:
            raise ValueError(
                f"pruner=wilcoxon can decide nothing before the last of {self.seeds} seeds: "
                f"give seeds={_WILCOXON_SEEDS} or more"
            )
        if (count := self.trials * self.seeds) > MOST_TRIALS:
            raise ValueError(
                f"trials={self.trials} on {self.seeds} seeds each are {count:,} runs, and {MOST_TRIALS:,} are the most"
            )
        if self.confirm >= self.trials:
            raise ValueError(f"confirm={self.confirm}: a search of {self.trials} trials has fewer beside the baseline")
        return self

    @property
    def own_seeds(self) -> tuple[int, ...]:
        """The seeds that its combinations are trained on; the sweep's are other ones."""
        return tuple(range(FIRST_SEED, FIRST_SEED + self.seeds))

    def objectives(self, goal: str) -> list[str]:
        return [goal, "minimize"] if self.sampler == "nsga2" else [goal]  # the second: training seconds

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        """The baseline alone: the others are chosen later."""
        return [Arm("s000", {factor.name: factor.start for factor in factors})]

    def __str__(self) -> str:
        seeds = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        return f"search (sampler {self.sampler}, pruner {self.pruner}, {seeds} each, sampler's seed {self.seed})"
