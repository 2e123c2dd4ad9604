"""What a level of a tip does to an experiment, and what it cannot be had together with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.tips.catalogue import TIPS, apply
from dcgan.tips.tip import OneLayerFewer, Times, Tip


@dataclass(frozen=True)
class Change:
    """A key that a level sets: the value before, the value then, and the formula of a relative one."""

    key: str
    before: Any
    after: Any
    formula: str | None

    @property
    def moves(self) -> bool:
        """Whether the value then is another one."""
        return bool(self.before != self.after)


@dataclass(frozen=True)
class Conflict:
    """Levels of a tip that cannot be had together with levels of another one, and the refusal of the first pair."""

    levels: tuple[str, ...]
    other: str
    others: tuple[str, ...]
    refusal: str


def changes(tip: Tip, level: str, experiment: Experiment) -> list[Change]:
    """What the level sets in that experiment, in the catalogue's order; whether it is allowed to: see `refusal`."""
    before = flatten(experiment.model_dump(mode="json"))
    written = tip.levels[level]
    return [
        Change(key, before[key], value, _formula(written[key]))
        for key, value in tip.fragment(level, experiment).items()
    ]


def _formula(written: Any) -> str | None:
    return str(written) if isinstance(written, Times | OneLayerFewer) else None


def refusal(experiment: Experiment, levels: dict[str, str]) -> str | None:
    """The line with which the experiment refuses the tips at those levels, if it does."""
    try:
        apply(experiment, levels)
    except Misuse as error:
        return str(error).removeprefix("change: ")
    return None


def unused_in_level(tip: Tip, level: str, experiment: Experiment) -> list[str]:
    """The settings of that level that would have no effect in that experiment, and why."""
    before = experiment.notes()
    return [note for note in apply(experiment, {tip.name: level}).notes() if note not in before]


def conflicts(tip: Tip, experiment: Experiment) -> list[Conflict]:
    """The levels of other tips that do not go together with this tip's, where each alone would."""
    alone = {
        each.name: [level for level in each.levels if not refusal(experiment, {each.name: level})]
        for each in TIPS.values()
    }
    refusals: dict[tuple[str, tuple[str, ...]], tuple[list[str], str]] = {}
    for level in alone.pop(tip.name):
        for other, levels in alone.items():
            lines = {theirs: refusal(experiment, {tip.name: level, other: theirs}) for theirs in levels}
            refused = {theirs: line for theirs, line in lines.items() if line}
            if refused:
                refusals.setdefault((other, tuple(refused)), ([], next(iter(refused.values()))))[0].append(level)
    return [Conflict(tuple(levels), other, theirs, line) for (other, theirs), (levels, line) in refusals.items()]


def text(value: Any) -> str:
    """A value as a YAML file says it: `0.0002`, `true`, `null`, `wgan_gp`."""
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)


def in_words(experiment: Experiment) -> str:
    """What the relative values refer to: data, batch and budget."""
    data, budget = experiment.data, experiment.budget
    return (
        f"{data.name} at {data.size} x {data.size}, batches of {experiment.update.batch}, "
        f"{budget.epochs} epoch{'' if budget.epochs == 1 else 's'} of {budget.images_per_epoch:,} images"
    )
