"""Which trial of a study is asked for, as a W&B agent does it: an arm and a seed, or a combination of a search."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.formatting import number
from dcgan.common.overrides import parse_value
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps.designs import level_text
from dcgan.sweeps.search_space import Axis

_SWITCH = {True: "on", False: "off"}  # as YAML reads them


@dataclass(frozen=True)
class AskedTrial:
    """What became of the trial that was asked for.

    `trial`: None for a combination that cannot be. `record`: None for a trial that is not to be run; `why` says why.
    `trained`: by this process; otherwise its record was there already, or another worker made it meanwhile.
    """

    plan: Plan
    trial: Trial | None
    record: RunRecord | None
    trained: bool = False
    why: str = ""

    def line(self) -> str:
        """What became of it, in a line."""
        if self.trial is None or self.record is None:
            return f"study {self.plan.study}: {self.why}"
        name = f"study {self.plan.study}, {self.plan.label(self.trial.arm)}, seed {self.trial.seed}"
        metric = self.plan.sweep.metric
        how = self.record.failure or f"{metric} {number(self.record.scores.get(metric))}"
        return f"{name}: {'' if self.trained else 'already '}{self.record.status}, {how} ({self.trial.directory.path})"


def trial_of(plan: Plan, texts: Mapping[str, str]) -> Trial:
    """The trial of a plan with that `arm` and `seed`. Raises Misuse for others, with the closest."""
    _check_names(texts, ("arm", "seed"), plan.study)
    arms = [arm.name for arm in plan.arms]
    arm = _named(texts["arm"], arms)
    if arm is None:
        raise Misuse(f"study '{plan.study}' has no arm '{texts['arm']}'" + did_you_mean(texts["arm"], arms))
    seed = _whole(texts["seed"])
    if seed is None or (arm, seed) not in plan.position:
        raise Misuse(f"seed={texts['seed']}: study '{plan.study}' has the seeds {', '.join(map(str, plan.seeds))}")
    return plan.trials[plan.position[arm, seed]]


def combination_of(space: Sequence[Axis], texts: Mapping[str, str], study: str) -> dict[str, Any]:
    """A point of a search's space: each factor by its name, with a level or a number of its range, in Optuna's terms.

    Raises Misuse for another factor or level, with the closest, and for a number outside the range.
    """
    _check_names(texts, [axis.name for axis in space], study)
    return {axis.name: _drawn(axis, texts[axis.name]) for axis in space}


def _check_names(texts: Mapping[str, str], names: Collection[str], study: str) -> None:
    for name in texts:
        if name not in names:
            raise Misuse(f"a trial of study '{study}' has no parameter '{name}'" + did_you_mean(name, names))
    if missing := [name for name in names if name not in texts]:
        raise Misuse(f"a trial of study '{study}' needs {', '.join(names)}: '{missing[0]}' is missing")


def _named(text: str, names: Collection[str]) -> str | None:
    """The name that a text is, as it stands or as a value that is printed otherwise (`True` for `on`, `1e-05`)."""
    if text in names:
        return text
    value = parse_value(text)
    switch = _SWITCH.get(value) if isinstance(value, bool) else None
    known = next((name for name in (level_text(value), switch) if name in names), None)
    return known or next((name for name in names if _is_number(value) and _number(name) == value), None)


def _drawn(axis: Axis, text: str) -> Any:
    distribution = axis.distribution
    if isinstance(distribution, CategoricalDistribution):
        levels = [str(level) for level in distribution.choices]
        level = _named(text, levels)
        if level is None:
            raise Misuse(f"factor '{axis.name}' has no level '{text}'" + did_you_mean(text, levels))
        return level
    assert isinstance(distribution, FloatDistribution | IntDistribution)  # noqa: S101 - all that a space has
    whole = isinstance(distribution, IntDistribution)
    value = _whole(text) if whole else parse_value(text)
    if not _is_number(value) or not distribution.low <= value <= distribution.high:
        kind = "a whole number" if whole else "a number"
        raise Misuse(f"{axis.name}={text}: expected {kind} in {distribution.low}..{distribution.high}")
    return value if whole else float(value)


def _whole(text: str) -> int | None:
    value = parse_value(text)
    return int(value) if _is_number(value) and value == int(value) else None


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(name: str) -> float | None:
    with contextlib.suppress(ValueError):
        value = json.loads(name)
        return float(value) if _is_number(value) else None
    return None
