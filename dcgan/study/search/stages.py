"""The two studies of a search: the one that grows, and the confirmation of what it found."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan import places
from dcgan.errors import DcganError, Misuse
from dcgan.files import write_json
from dcgan.study import plan as planning
from dcgan.study.designs import read_design
from dcgan.study.designs.search import Search
from dcgan.study.factors import PathFactor, RangeFactor
from dcgan.study.outcome import Outcome, metric_of, outcomes
from dcgan.study.plan import Plan
from dcgan.study.search import samplers
from dcgan.study.search.space import axes
from dcgan.study.sweep import Sweep, parse

SUFFIX = "-search"
FOUND = "search.json"  # in the folder of the confirmation: how its arms were found


@dataclass(frozen=True)
class Found:
    """A combination of a search all of whose seeds finished: its mean metric and mean training seconds."""

    arm: str
    levels: Mapping[str, str]
    value: float
    seconds: float


def is_search(sweep: Sweep) -> bool:
    """Whether a sweep searches first."""
    return isinstance(read_design(sweep.design), Search)


def search_of(sweep: Sweep) -> Plan:
    """The study NAME-search of a sweep, with the combinations asked so far.

    Raises Misuse for reported seeds among those of the search, a space, sampler or pruner that cannot be, or a
    baseline that cannot be.
    """
    search = read_design(sweep.design)
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    if both := set(search.own_seeds) & set(sweep.all_seeds):
        raise Misuse(f"seeds: {min(both)} is a seed of the search, which may not choose by what is reported: use others")
    changes = {
        "study": sweep.study + SUFFIX,
        "seeds": search.own_seeds,
        "stop": None,
        "set": {**sweep.set, "score.split": "train"},
    }
    plan = planning.make(sweep.model_copy(update=changes)).now()
    samplers.check(search, axes(plan.sweep, plan.base), plan.base, sweep.metric)
    return plan


def confirmation_of(sweep: Sweep, plan: Plan) -> Plan:
    """The study NAME of a sweep whose search is done: the baseline and the best combinations, on the sweep's seeds.

    Raises DcganError if no combination but the baseline was trained to its end.
    """
    chosen = best(plan, outcomes(plan))
    if not chosen:
        raise DcganError(f"study '{plan.study}': no combination beside the baseline finished: nothing to confirm")
    combinations = {found.arm: _changes(plan, found.arm) for found in chosen}
    changes = {
        "design": {"given": {"combinations": combinations}},
        "factors": [each for each in (_with_levels(given, plan, chosen) for given in sweep.factors) if each],
    }
    content = {**sweep.model_dump(mode="json"), **changes}
    return planning.make(parse(content, f"the confirmation of '{sweep.study}'"))


def best(plan: Plan, known: Mapping[str, Outcome]) -> list[Found]:
    """The combinations to confirm, the best first, each experiment once; for two objectives, of the Pareto front."""
    search = plan.design
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    baseline = {trial.run for trial in plan.trials if trial.arm == plan.baseline}
    one_run = {trial.arm: trial.run for trial in plan.trials}
    distinct: dict[str, Found] = {}
    for found in finished(plan, known):
        if one_run[found.arm] not in baseline:
            distinct.setdefault(one_run[found.arm], found)
    candidates = list(distinct.values())
    if len(search.objectives(plan.sweep.goal)) > 1:
        candidates = [each for each in candidates if not _is_dominated(each, candidates, plan.sweep.goal)]
    return candidates[: search.confirm]


def finished(plan: Plan, known: Mapping[str, Outcome]) -> list[Found]:
    """The combinations all of whose seeds finished with a score, the baseline among them, the best first."""
    ended: dict[str, list[Outcome]] = {}
    for trial in plan.trials:
        outcome = known.get(trial.run)
        if outcome is not None and metric_of(outcome, plan.sweep.metric) is not None:
            ended.setdefault(trial.arm, []).append(outcome)
    found = [
        Found(
            arm,
            plan.levels(arm),
            statistics.mean(float(each["scores"][plan.sweep.metric]) for each in of_arm),
            statistics.mean(float(each["seconds"]) for each in of_arm),
        )
        for arm, of_arm in ended.items()
        if len(of_arm) == len(plan.seeds) and arm not in plan.over
    ]
    return sorted(found, key=lambda each: _worth(each, plan.sweep.goal))


def record(sweep: Sweep, plan: Plan, confirmation: Plan, refused: Sequence[str]) -> None:
    """Writes studies/NAME/search.json: how the arms of the confirmation were found. For the report."""
    known = outcomes(plan)
    search = plan.design
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    values = {found.arm: found.value for found in finished(plan, known)}
    content: dict[str, Any] = {
        "study": plan.study,
        **search.model_dump(mode="json"),
        "own_seeds": list(search.own_seeds),
        "split": plan.base.score.split,
        "metric": sweep.metric,
        "asked": len(plan.arms),
        "finished": len(values),
        "refused": len(refused),
        "baseline": values.get(plan.baseline),
        "chosen": {
            arm.name: {"value": values[arm.name], "levels": _changes(plan, arm.name)} for arm in confirmation.arms[1:]
        },
    }
    write_json(places.studies() / sweep.study / FOUND, content)


def _changes(plan: Plan, arm: str) -> dict[str, str]:
    usual = plan.levels(plan.baseline)
    return {factor: level for factor, level in plan.levels(arm).items() if level != usual[factor]}


def _with_levels(given: Any, plan: Plan, chosen: Sequence[Found]) -> Any:
    """A factor of the confirmation: a range becomes the levels that were found; None where none is changed."""
    if not isinstance(given, RangeFactor):
        return given.model_dump(mode="json")
    factor = next(each for each in plan.factors if each.name == given.path)
    assert factor.values is not None  # noqa: S101 - a path has values
    texts = dict.fromkeys([factor.start, *(found.levels[given.path] for found in chosen)])
    if len(texts) == 1:
        return None
    return PathFactor(path=given.path, levels=tuple(factor.values[text] for text in texts)).model_dump(mode="json")


def _worth(found: Found, goal: str) -> float:
    """Smaller is better."""
    return found.value if goal == "minimize" else -found.value


def _is_dominated(one: Found, others: Sequence[Found], goal: str) -> bool:
    """Whether another one is no worse in both the metric and the time, and better in one."""
    here = (_worth(one, goal), one.seconds)
    there = [(_worth(other, goal), other.seconds) for other in others]
    return any(a <= here[0] and b <= here[1] and (a, b) != here for a, b in there)
