"""`stop` in a sweep: open comparisons get more seeds, up to a number; see `dcgan.statistics.sequential`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dcgan.common.errors import did_you_mean
from dcgan.statistics.sequential.interim_analysis import Looks
from dcgan.sweeps.designs import DESIGNS, OneAtATime

MOST = 200  # seeds; a study of more is no plan


class Stop(BaseModel):
    """After the sweep's `seeds` and then after every `every` seeds, decided comparisons get no more of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Literal["decided"]
    at_most: int
    every: int = 1

    def looks(self, first: int) -> Looks:
        """When one looks, the first time after so many seeds."""
        return Looks(first, self.every, self.at_most)


def read_stop(value: Any) -> Any:
    """The `stop` of a sweep file as a mapping that is sound in itself. Raises ValueError with one telling line."""
    if value is None or isinstance(value, Stop):
        return value
    if not isinstance(value, dict):
        raise ValueError("stop: expected {when: decided, at_most: 30}")
    for key in value:
        if key not in Stop.model_fields:
            hint = ": the first look is after `seeds`" if key == "first" else did_you_mean(str(key), Stop.model_fields)
            raise ValueError(f"stop: unknown key '{key}'{hint}")
    content = {"when": "decided", "every": 1, **value}
    if content["when"] != "decided":
        raise ValueError(f"stop.when={content['when']!r}: the only rule is 'decided'")
    if "at_most" not in content:
        raise ValueError("stop: 'at_most' is missing: the number of seeds at which every comparison ends")
    for key in ("at_most", "every"):
        number = content[key]
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST:
            raise ValueError(f"stop.{key}={number!r}: expected a number of seeds, 1 to {MOST}")
    return content


def check(stop: Stop, seeds: Sequence[int], design: str) -> None:
    """Raises ValueError with one telling line for a rule that does not fit the rest of its sweep."""
    if not DESIGNS[design].arm_by_arm:
        raise ValueError(
            f"stop: design={design} does not compare each arm with a baseline, so no arm can stop alone: "
            f"leave stop out, or use design={OneAtATime.name}"
        )
    if len(seeds) < 2:
        raise ValueError("stop: the first look is after 1 seed, which shows no spread: give at least seeds=2, better 4")
    if stop.at_most < len(seeds):
        raise ValueError(f"stop.at_most={stop.at_most}: the first look is after {len(seeds)} seeds already: raise it")


def planned_seeds(seeds: Sequence[int], stop: Stop | None) -> tuple[int, ...]:
    """The seeds of every look: those of the first one, then the next numbers after the largest of them."""
    more = 0 if stop is None else stop.at_most - len(seeds)
    following = max(seeds) + 1
    return (*seeds, *range(following, following + more))
