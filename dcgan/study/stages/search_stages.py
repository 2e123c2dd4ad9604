"""The two studies of a search: the one that grows, and the confirmation of what it found."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import make_inner_folder, write_text
from dcgan.common.json_text import parse_json
from dcgan.records import plan_file, search_file
from dcgan.records.run_record import RunRecord
from dcgan.records.search_file import SearchRecord, SearchScore
from dcgan.statistics.scale import mean_on_scale
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan
from dcgan.sweeps import samplers
from dcgan.sweeps.designs.search import SUFFIX, Search
from dcgan.sweeps.factors import RangeFactor, SweepFactor
from dcgan.sweeps.search_space import axes
from dcgan.sweeps.sweep import Sweep, parse


@dataclass(frozen=True)
class FinishedCombination:
    """A combination of a search all of whose seeds finished: its mean metric, on the study's scale, and seconds."""

    arm: str
    levels: Mapping[str, str]
    value: float
    seconds: float


def is_search(sweep: Sweep) -> bool:
    """Whether a sweep searches first."""
    return isinstance(sweep.design, Search)


def stages(sweep: Sweep) -> Iterator[Plan]:
    """The search, unless it was confirmed already, then the confirmation: ask for it when the search is over.

    Where nothing beat the baseline in the search there is no confirmation. Raises as `planned`, `best` and
    `confirmation_of`.
    """
    search = planned(sweep)
    record = search_file.read(_folder(sweep))
    if record is None or not record.chosen:
        yield search
        search = search.now()
        record = _record_of(search, best(search, outcomes(search)))
        if record.chosen:
            _write_recipes(sweep, record, confirmation_of(sweep, search, record.chosen))
        search_file.write(_folder(sweep), record)
    if record.chosen:
        yield confirmation_of(sweep, search, record.chosen)


def planned(sweep: Sweep) -> Plan:
    """The plan of a sweep's search, checked. Raises Misuse as `search_of`, and where it or its confirmation ran under
    other settings."""
    plan = search_of(sweep)
    stored_plans.check(plan)
    folder = _folder(sweep)
    record = search_file.read(folder)
    if record and record.chosen:
        for key, value in plan.design.model_dump(mode="json").items():
            if record.settings.get(key) != value:
                raise Misuse(
                    f"study '{sweep.study}' confirms another search ({key}: {record.settings.get(key)} -> {value}): "
                    f"change it back, or branch with another name, study={sweep.study}-2"
                )
    elif plan_file.is_study(folder):
        raise Misuse(
            f"study '{sweep.study}' was planned as design={plan_file.read(folder).design}: give the search another "
            f"name, study={sweep.study}-2"
        )
    return plan


def _folder(sweep: Sweep) -> Path:
    return paths.studies() / sweep.study


def search_of(sweep: Sweep) -> Plan:
    """The study NAME-search of a sweep, with the combinations asked so far.

    Raises Misuse for reported seeds among those of the search, a space, sampler or pruner that cannot be, or a
    baseline that cannot be.
    """
    search = sweep.design
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    if both := set(search.own_seeds) & set(sweep.all_seeds):
        raise Misuse(
            f"seeds: {min(both)} is a seed of the search, which may not choose by what is reported: use others"
        )
    content = {
        "study": sweep.study + SUFFIX,
        "seeds": search.own_seeds,
        "stop": None,
        "set": {**sweep.set, "score.split": "train"},
    }
    plan = planning.make(sweep.model_copy(update=content)).now()
    samplers.check(search, axes(plan.sweep, plan.base), plan.base, sweep.metric)
    return plan


def confirmation_of(sweep: Sweep, plan: Plan, chosen: Mapping[str, Mapping[str, str]]) -> Plan:
    """The study NAME of a sweep whose search is done: the baseline and the chosen combinations, by name with what they
    change, on the sweep's seeds.
    """
    content = {
        **sweep.model_dump(mode="json"),
        "design": {"given": {"combinations": chosen}},
        "factors": [factor for factor in (_with_levels(given, plan, chosen) for given in sweep.factors) if factor],
    }
    return planning.make(parse(content, f"the confirmation of '{sweep.study}'"))


def best(plan: Plan, records: Mapping[str, RunRecord]) -> list[FinishedCombination]:
    """The combinations to confirm, the best first, each experiment once: of those that beat the baseline in the search,
    none where nothing did. For two objectives those of the Pareto front that beat it in one of them.

    Raises DcganError where no combination beside the baseline finished, so that nothing is known.
    """
    search = plan.design
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    baseline = {trial.run for trial in plan.trials if trial.arm == plan.baseline}
    one_run = {trial.arm: trial.run for trial in plan.trials}
    distinct: dict[str, FinishedCombination] = {}
    ended = finished(plan, records)
    for combination in ended:
        run = one_run[combination.arm]
        if run not in baseline:
            distinct.setdefault(run, combination)
    if not distinct:
        raise DcganError(f"study '{plan.study}': no combination beside the baseline finished: nothing to confirm")
    two = len(search.objectives(plan.sweep.goal)) > 1
    reference = next((one for one in ended if one.arm == plan.baseline), None)
    candidates = [one for one in distinct.values() if _beats(one, reference, plan.sweep.goal, two=two)]
    if two:
        candidates = [one for one in candidates if not _is_dominated(one, candidates, plan.sweep.goal)]
    return candidates[: search.confirm]


def finished(plan: Plan, records: Mapping[str, RunRecord]) -> list[FinishedCombination]:
    """The combinations all of whose seeds finished with a score, the baseline among them, the best first."""
    growth = plan.grown
    assert growth is not None  # noqa: S101 - the callers ask first
    ended: dict[str, list[RunRecord]] = {}
    for trial in plan.trials:
        record = records.get(trial.run)
        if record is not None and record.score(plan.sweep.metric) is not None:
            ended.setdefault(trial.arm, []).append(record)
    combinations = [
        FinishedCombination(
            arm,
            plan.levels(arm),
            mean_on_scale([record.scores[plan.sweep.metric] for record in of_arm], plan.sweep.scale),
            statistics.mean(record.seconds for record in of_arm),
        )
        for arm, of_arm in ended.items()
        if len(of_arm) == len(plan.seeds) and arm not in growth.over
    ]
    return sorted(combinations, key=lambda combination: _worth(combination, plan.sweep.goal))


def _record_of(plan: Plan, confirmed: Sequence[FinishedCombination]) -> SearchRecord:
    """What studies/NAME/search.json says: how the arms of the confirmation, called by their settings, were found."""
    search = plan.design
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    ended = {combination.arm: combination for combination in finished(plan, outcomes(plan))}
    found = {plan.label(combination.arm): combination for combination in confirmed}
    return SearchRecord(
        study=plan.study,
        settings=search.model_dump(mode="json"),
        own_seeds=tuple(search.own_seeds),
        split=plan.base.score.split,
        metric=plan.sweep.metric,
        asked=len(plan.arms),
        finished=len(ended),
        over=len(plan.grown.over) if plan.grown else 0,
        refused=len(plan.grown.refused) if plan.grown else 0,
        baseline=ended[plan.baseline].value if plan.baseline in ended else None,
        chosen={name: changes(plan, combination.arm) for name, combination in found.items()},
        values={name: SearchScore(combination.value, combination.seconds) for name, combination in found.items()},
        found_as={name: combination.arm for name, combination in found.items()},
    )


def _write_recipes(sweep: Sweep, record: SearchRecord, confirmation: Plan) -> None:
    """Writes each combination that is confirmed as an experiment, `recipes/s005.yaml` in the study's folder: a run of
    it has the id that the study's trial of that seed has. Raises Misuse where such a study ran under another plan."""
    stored_plans.check(confirmation)
    experiments = {trial.arm: trial.experiment for trial in reversed(confirmation.trials)}
    for arm, number in record.found_as.items():
        content = {**experiments[arm].given(), "name": f"{sweep.study}-{number}"}
        head = (
            f"# {arm}: found by the search {record.study} as {number}, {record.metric} {record.values[arm].value:.4g}\n"
            f"# there; study {sweep.study} compares it with the baseline on fresh seeds.\n"
        )
        file = _folder(sweep) / record.recipe(arm)
        make_inner_folder(file.parent)
        write_text(file, head + yaml.safe_dump(content, sort_keys=False))


def changes(plan: Plan, arm: str) -> dict[str, str]:
    """The levels of an arm that differ from the baseline's, by factor."""
    usual = plan.levels(plan.baseline)
    return {factor: level for factor, level in plan.levels(arm).items() if level != usual[factor]}


def _with_levels(given: SweepFactor, plan: Plan, chosen: Mapping[str, Mapping[str, str]]) -> Any:
    """A factor of the confirmation: a range becomes the levels that were found; None where none is changed."""
    if not isinstance(given, RangeFactor):
        return given.model_dump(mode="json")
    start = next(factor.start for factor in plan.factors if factor.name == given.path)
    texts = dict.fromkeys([start, *(levels[given.path] for levels in chosen.values() if given.path in levels)])
    return {"path": given.path, "levels": [parse_json(text) for text in texts]} if len(texts) > 1 else None


def _worth(combination: FinishedCombination, goal: str) -> float:
    """Its value as a number of which smaller is better."""
    return combination.value if goal == "minimize" else -combination.value


def _beats(one: FinishedCombination, reference: FinishedCombination | None, goal: str, *, two: bool) -> bool:
    """Whether a combination is better than the baseline, of `two` objectives in one of them; one whose runs ended
    without a score is beaten by any."""
    if reference is None:
        return True
    return _worth(one, goal) < _worth(reference, goal) or (two and one.seconds < reference.seconds)


def _is_dominated(one: FinishedCombination, others: Sequence[FinishedCombination], goal: str) -> bool:
    """Whether another one is no worse in both the metric and the time, and better in one."""
    here = (_worth(one, goal), one.seconds)
    there = [(_worth(other, goal), other.seconds) for other in others]
    return any(a <= here[0] and b <= here[1] and (a, b) != here for a, b in there)
