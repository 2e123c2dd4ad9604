"""What a tip is, and values in its levels that are relative to the experiment they are put into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.experiment.description import Player


class Relative(Protocol):
    """A value that depends on the experiment: what it is made from, and what it comes to."""

    @property
    def key(self) -> str:
        """The dotted key that it is relative to."""

    def of(self, experiment: Experiment) -> Any:
        """The plain value for that experiment."""


@dataclass(frozen=True)
class Times:
    """`factor` x the value of `key`; of a whole number again a whole one, at least 1, unless `whole` is false."""

    key: str
    factor: float
    whole: bool = True

    def of(self, experiment: Experiment) -> int | float:
        """The number for that experiment."""
        value = flatten(experiment.model_dump())[self.key]
        scaled = value * self.factor
        return max(1, round(scaled)) if isinstance(value, int) and self.whole else float(scaled)

    def __str__(self) -> str:
        return self.key if self.factor == 1 else f"{self.factor:g} x {self.key}"


@dataclass(frozen=True)
class OneLayerFewer:
    """A player's number of layers less one."""

    player: Player

    @property
    def key(self) -> str:
        """The dotted key that it is relative to."""
        return f"{self.player}.depth"

    def of(self, experiment: Experiment) -> int:
        """The number for that experiment."""
        return experiment.depth(self.player) - 1

    def __str__(self) -> str:
        return f"{self.key} - 1"


Fragment = Mapping[str, Any]


@dataclass(frozen=True)
class Tip:
    """A factor from the catalogue. `levels` maps `off`, `on` and others to dotted keys and their values.

    `beyond` marks those that the article does not have. `common` are those that a study's `bare` and `all` speak of
    even where they are no factors of it; the others then stay as the experiment has them.
    """

    name: str
    sentence: str
    source: str
    levels: Mapping[str, Fragment]
    beyond: bool = False
    common: bool = False

    def fragment(self, level: str, experiment: Experiment) -> dict[str, Any]:
        """The dotted keys and plain values of a level, for that experiment. Raises Misuse for an unknown level."""
        if level not in self.levels:
            raise Misuse(f"tip '{self.name}' has no level '{level}'" + did_you_mean(level, self.levels))
        return {
            key: value.of(experiment) if isinstance(value, Times | OneLayerFewer) else value
            for key, value in self.levels[level].items()
        }

    def level_of(self, experiment: Experiment) -> str | None:
        """The level that an experiment is at, or None if it is at none of them; of several, the one that says most."""
        fitting = [level for level in self.levels if self._is_at(experiment, level)]
        return max(fitting, key=lambda level: len(self.levels[level]), default=None)

    def _is_at(self, experiment: Experiment, level: str) -> bool:
        try:
            return experiment.with_(self.fragment(level, experiment)).id == experiment.id
        except Misuse:  # a level that this experiment cannot have
            return False


def both(key: str, value: Any) -> dict[str, Any]:
    """One setting of both players' networks."""
    return {f"generator.{key}": value, f"discriminator.{key}": value}
