"""The space of a search: what Optuna draws for each factor, and the level that this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.json_text import UNEXPECTED, parse_json
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.sweeps.designs import Factor, held, level_text
from dcgan.sweeps.factors import RangeFactor
from dcgan.sweeps.sweep import Sweep

_DIGITS = 4  # of a number that is drawn: more say nothing, and cannot be read


@dataclass(frozen=True)
class Axis:
    """A factor as Optuna sees it; `start` is what the baseline has of it, in Optuna's terms."""

    name: str
    start: Any
    distribution: BaseDistribution

    def level(self, drawn: Any) -> str:
        """The level that a drawn value is; a number with four digits."""
        if not isinstance(self.distribution, FloatDistribution):
            return level_text(drawn)
        rounded = float(f"{drawn:.{_DIGITS}g}")
        return level_text(min(max(rounded, self.distribution.low), self.distribution.high))


def axes(sweep: Sweep, base: Experiment) -> list[Axis]:
    """The space of a sweep. Raises Misuse for a range of what is no number, or that does not hold the baseline's."""
    factors = factors_of(sweep, base, {})
    space = []
    for given, factor in zip(sweep.factors, factors, strict=True):
        if isinstance(given, RangeFactor):
            start = parse_json(factor.start)
            space.append(Axis(factor.name, start, _numbers(given, start)))
        else:
            levels = CategoricalDistribution([factor.start, *factor.others])
            space.append(Axis(factor.name, factor.start, levels))
    return space


def levels_of(space: list[Axis], drawn: Mapping[str, Any]) -> dict[str, str]:
    """The levels of a combination, by factor."""
    return {axis.name: axis.level(drawn[axis.name]) for axis in space}


def factors_of(sweep: Sweep, base: Experiment, arms: Mapping[str, Mapping[str, str]]) -> list[Factor]:
    """The factors with the levels that they have in those arms; the baseline's of a range is the experiment's own.

    Raises Misuse for a range of a key that holds no number.
    """
    unknown = [Factor(factor.name, "", ()) for factor in sweep.factors]
    own = flatten(base.with_(held(unknown, sweep.start, base, sweep.typed)).model_dump(mode="json"))
    factors = []
    for given in sweep.factors:
        if isinstance(given, RangeFactor):
            start = own[given.path]
            if isinstance(start, bool) or not isinstance(start, int | float):
                raise Misuse(f"factor '{given.path}': its value is {level_text(start)}, and a range is of numbers")
            texts = dict.fromkeys([level_text(start), *(levels[given.path] for levels in arms.values())])
            try:
                values = {text: parse_json(text) for text in texts}
            except UNEXPECTED as error:
                raise DcganError(
                    f"factor '{given.path}': a combination of the search has no number of it ({error})"
                ) from None
            first, *others = values
            factors.append(Factor(given.path, first, tuple(others), values))
        else:
            factors.append(given.factor(sweep.start, base, sweep.design, sweep.typed))
    return factors


def _numbers(given: RangeFactor, start: float) -> BaseDistribution:
    low, high = given.range
    if not low <= start <= high:
        raise Misuse(
            f"factor '{given.path}': range [{low}, {high}] leaves out the baseline's {start}: widen it, "
            f"or set {given.path} to a value within it"
        )
    if isinstance(start, float):
        return FloatDistribution(float(low), float(high), log=given.log)
    if low != int(low) or high != int(high):
        raise Misuse(f"factor '{given.path}' takes whole numbers: range [{low}, {high}] has other ends")
    return IntDistribution(int(low), int(high), log=given.log)
