"""Tuning before comparing: a study of its own, `NAME-tuning`, whose best candidate each arm of the study is given.

The candidates run on seeds that no study with `tune` reports, and are judged against the train split, so that nothing
is selected by a number that is reported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dcgan.experiment.unused import unused_settings
from dcgan.records.run_record import RunRecord
from dcgan.records.tuned import Choice, Tuned
from dcgan.statistics.scale import mean_on_scale
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import candidates
from dcgan.sweeps.sweep import Sweep, parse
from dcgan.sweeps.tuning import FIRST_SEED, SUFFIX

SPLIT = "train"
_ONLY_THE_END = {"score.split": SPLIT, "score.every_epochs": 0, "score.repeats": 1}


def name(study: str) -> str:
    """What the study that tunes another is called."""
    return study + SUFFIX


def search(sweep: Sweep) -> Sweep:
    """The sweep of the tuning of a sweep that has `tune`. Raises Misuse if a factor varies how it is scored."""
    assert sweep.tune is not None  # noqa: S101 - for the type checker
    changes = {
        "study": name(sweep.study),
        "tuning_of": sweep.study,
        "seeds": list(range(FIRST_SEED, FIRST_SEED + sweep.tune.seeds)),
        "stop": None,
        "set": {**sweep.set, **_ONLY_THE_END},
    }
    return parse({**sweep.model_dump(mode="json"), **changes}, f"tuning of '{sweep.study}'")


def unused_paths(plan: Plan) -> list[str]:
    """The arms in which nothing reads some of the paths that a tuning tunes, a line each."""
    tune = plan.sweep.tune
    assert tune is not None  # noqa: S101 - for the type checker
    own = {
        trial.arm: unused_settings(trial.experiment) for trial in plan.trials if candidates.number_of(trial.arm) == 1
    }
    return [
        f"{path} is not tuned in arm '{candidates.arm_of(arm)}': nothing reads it there ({unread[path]})"
        for arm, unread in own.items()
        for path in tune.names
        if path in unread
    ]


def choose(plan: Plan) -> Tuned:
    """The best candidate of each arm, by the runs of a tuning that is over.

    That is the one of which the fewest runs were lost (diverged, failed), then the one with the best mean of the
    metric; of equals the first, and the arm as it is where no run of any has a score.
    """
    tune, of = plan.sweep.tune, plan.sweep.tuning_of
    assert tune is not None and of is not None  # noqa: S101 - for the type checker
    records = outcomes(plan)
    trials: dict[str, dict[str, list[Trial]]] = {}
    for arm in plan.arms:
        trials.setdefault(candidates.arm_of(arm.name), {})[arm.name] = []
    for trial in plan.trials:
        trials[candidates.arm_of(trial.arm)][trial.arm].append(trial)
    arms = {arm: _choice(tune.names, list(of_arm.values()), records, plan.sweep) for arm, of_arm in trials.items()}
    return Tuned(plan.study, plan.sweep.metric, tune.trials, plan.seeds, SPLIT, arms)


def _choice(paths: Sequence[str], tried: list[list[Trial]], records: Mapping[str, RunRecord], sweep: Sweep) -> Choice:
    """The best of one arm's candidates, the first of which is the arm as it is."""
    scores = [_scores(of_one, records, sweep.metric) for of_one in tried]
    means = [mean_on_scale(values, sweep.scale) if values else None for values in scores]
    sign = 1 if sweep.goal == "minimize" else -1

    def rank(index: int) -> tuple[int, float]:
        mean = means[index]
        return len(tried[index]) - len(scores[index]), math.inf if mean is None else sign * mean

    best = min(range(len(tried)), key=rank) if any(scores) else 0
    unread = unused_settings(tried[0][0].experiment)
    read = [path for path in paths if path not in unread]
    settings = [candidates.settings(read, of_one[0].experiment) for of_one in tried]
    return Choice(
        candidate=candidates.number_of(tried[best][0].arm),
        tried=len(tried),
        values=settings[best],
        own=settings[0],
        lowest={path: min(values[path] for values in settings) for path in read},
        highest={path: max(values[path] for values in settings) for path in read},
        unused=tuple(path for path in paths if path in unread),
        score=means[best],
        own_score=means[0],
        lost=sum(len(of_one) for of_one in tried) - sum(len(values) for values in scores),
    )


def _scores(trials: Sequence[Trial], records: Mapping[str, RunRecord], metric: str) -> list[float]:
    """The finite final scores of those trials."""
    values = [records[trial.run].score(metric) for trial in trials if trial.run in records]
    return [value for value in values if value is not None and math.isfinite(value)]
