"""A table of runs to the report's numbers: every arm, every comparison with the baseline, the outlook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.metrics import Goal
from dcgan.report.interim_looks import course
from dcgan.report.results import STATUSES, UNFINISHED, WITHOUT_SCORE, Results, without_any_score
from dcgan.statistics import paired
from dcgan.statistics.effects import Cells, Effects, estimate_effects
from dcgan.statistics.paired import Interval, Paired, Verdict
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, StoppingRules
from dcgan.statistics.verdicts import Judgement, Rules, judge, resolvable

OUTLOOK = (3, 5, 8, 10, 15, 20, 30)  # numbers of seeds whose power is told


@dataclass(frozen=True)
class ArmSummary:
    """One arm: its finished runs' metric by seed, and how its other runs ended."""

    arm: str
    scores: Mapping[int, float]
    statuses: Mapping[str, int]
    mean: float | None
    sd: float | None
    interval: Interval | None
    seconds: Mapping[int, float]
    ended: frozenset[int]

    @property
    def n(self) -> int:
        """The number of finished runs."""
        return len(self.scores)

    @property
    def without_score(self) -> int:
        """Runs that ended without a score: diverged or failed."""
        return sum(self.statuses[status] for status in WITHOUT_SCORE)

    @property
    def diverged(self) -> int:
        """Runs that diverged."""
        return self.statuses["diverged"]

    @property
    def unfinished(self) -> int:
        """Runs that are running or planned."""
        return sum(self.statuses[status] for status in UNFINISHED)

    @property
    def mean_seconds(self) -> float | None:
        """The mean training time of the finished runs."""
        return float(np.mean(list(self.seconds.values()))) if self.seconds else None


@dataclass(frozen=True)
class Comparison:
    """One arm against the baseline; `paired` holds the differences (arm minus baseline).

    `dropped` counts the seeds that both arms ended, but at least one of them without a score. `look`: where the study
    stops when decided, the number of seeds of the look that this speaks of.
    """

    arm: ArmSummary
    paired: Paired
    p_adjusted: float | None
    level: float
    verdict: Verdict
    seeds_needed: int | None
    within_margin: bool
    dropped: int
    failure_p: float | None
    cost: float | None
    look: int | None = None


@dataclass(frozen=True)
class Analysis:
    """Everything the figures and documents say, as numbers."""

    results: Results
    metric: str
    goal: Goal
    alpha: float
    margin: float | None
    margin_share: float | None
    baseline: ArmSummary
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    outlook: tuple[tuple[int, float | None], ...]
    effects: Effects | None = None

    @property
    def trials(self) -> Counter[str]:
        """How many trials have each status."""
        total: Counter[str] = Counter()
        for arm in self.arms:
            total.update(arm.statuses)
        return total

    @property
    def planned(self) -> int:
        """How many trials there are or are to be: without those that a decision skipped."""
        return self.trials.total() - self.trials["skipped"]

    @property
    def undone(self) -> int:
        """Trials that are not over: running, planned, and a study's failed ones, which it tries again."""
        again = (*UNFINISHED, "failed") if self.results.study else UNFINISHED
        return sum(self.trials[status] for status in again)

    @property
    def seeds(self) -> int:
        """The largest number of pairs that a comparison has."""
        return max((comparison.paired.pairs for comparison in self.comparisons), default=0)

    @property
    def resolvable(self) -> float | None:
        """The true difference that this many seeds find with 80 % probability at Holm's strictest level."""
        return dict(self.outlook).get(self.seeds)


def analyse(
    results: Results,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    goal: Goal | None = None,
    alpha: float = 0.05,
    margin: float | None = None,
    margin_share: float = paired.MARGIN_SHARE,
) -> Analysis:
    """Compares every arm with the baseline on one metric.

    `margin` is in the metric's units; by default it is `margin_share` of the baseline's mean. Raises Misuse
    for an unknown arm or metric and for values out of range, DcganError if there is nothing to report on.
    """
    _check_range(alpha, margin, margin_share)
    metric = results.choose_metric(metric)
    goal = results.choose_goal(metric, goal)
    chosen = results.choose_baseline(baseline)
    arms = tuple(_summary(results, metric, arm) for arm in results.arms)
    if not any(arm.n for arm in arms):
        if ended := without_any_score(Counter(results.table["status"])):
            raise DcganError(f"{results.title}: {ended}")
        raise DcganError(f"{results.title} has no finished run: there is nothing to report on yet")
    if len(arms) < 2:
        raise DcganError(f"{results.title} has only the arm '{chosen}': there is nothing to compare it with")
    reference = next(arm for arm in arms if arm.arm == chosen)
    share = margin_share if margin is None else None
    looked = course(
        results, {arm.arm: arm.scores for arm in arms}, chosen, StoppingRules(goal, alpha, margin, margin_share)
    )
    if looked:
        margin = looked.margin
    elif margin is None and reference.mean is not None:
        margin = margin_share * abs(reference.mean)
    rules = Rules(margin, goal, alpha)
    comparisons = _compare(reference, [arm for arm in arms if arm is not reference], rules, looked)
    return Analysis(
        results=results,
        metric=metric,
        goal=goal,
        alpha=alpha,
        margin=margin,
        margin_share=share,
        baseline=reference,
        arms=(reference, *(arm for arm in arms if arm is not reference)),
        comparisons=comparisons,
        outlook=_outlook(comparisons, alpha),
        effects=estimate_effects(results.reading, results.levels, _cells(results, arms), rules),
    )


def _cells(results: Results, arms: tuple[ArmSummary, ...]) -> Cells:
    return Cells(
        scores={arm.arm: arm.scores for arm in arms},
        ended={arm.arm: arm.ended for arm in arms},
        seeds=frozenset(int(seed) for seed in results.table["seed"]),
    )


def _check_range(alpha: float, margin: float | None, margin_share: float) -> None:
    if not 0 < alpha < 1:
        raise Misuse(f"alpha={alpha:g}: expected a number between 0 and 1, usually 0.05")
    for value in (margin, margin_share):
        if value is not None and not 0 <= value < float("inf"):
            raise Misuse(f"margin={value:g}: expected 0 or more")


def _summary(results: Results, metric: str, arm: str) -> ArmSummary:
    scores = results.scores(metric, arm)
    rows = results.table[results.table["arm"] == arm]
    counts = Counter(rows["status"])
    values = list(scores.values())
    mean = float(np.mean(values)) if values else None
    sd = paired.spread(values)
    finished = rows[rows["status"] == "finished"]
    seconds = zip(finished["seed"], finished["seconds"], strict=True)
    return ArmSummary(
        arm=arm,
        scores=scores,
        statuses={status: counts[status] for status in STATUSES},
        mean=mean,
        sd=sd,
        interval=paired.t_interval(mean, sd, len(values), paired.CONFIDENCE),
        ended=frozenset(int(seed) for seed in rows["seed"][~rows["status"].isin((*UNFINISHED, "skipped"))]),
        seconds={int(seed): float(value) for seed, value in seconds if value > 0},
    )


def _compare(
    baseline: ArmSummary, arms: list[ArmSummary], rules: Rules, looked: InterimAnalysis | None
) -> tuple[Comparison, ...]:
    """By all seeds; where the study stops when decided, each by those of its look: later ones are not its business."""
    if looked is None:
        pairs = [paired.compare(arm.scores, baseline.scores) for arm in arms]
        found = [
            _comparison(arm, baseline, each, judgement)
            for arm, each, judgement in zip(arms, pairs, judge(pairs, rules), strict=True)
        ]
        return tuple(found)
    seen = [looked.judged[arm.arm] for arm in arms]
    judgements = judge([each.paired for each in seen], rules, [each.p_adjusted for each in seen])
    made = []
    for arm, each, judgement in zip(arms, seen, judgements, strict=True):
        dropped = looked.without_score(arm.ended & baseline.ended, each.paired, each.seeds)
        comparison = _comparison(arm, baseline, each.paired, judgement)
        made.append(replace(comparison, look=each.seeds, dropped=dropped))
    return tuple(made)


def _comparison(arm: ArmSummary, baseline: ArmSummary, pairs: Paired, judgement: Judgement) -> Comparison:
    return Comparison(
        arm=arm,
        paired=pairs,
        p_adjusted=judgement.p_adjusted,
        level=judgement.level,
        verdict=judgement.verdict,
        seeds_needed=judgement.seeds_needed,
        within_margin=judgement.within_margin,
        dropped=len(arm.ended & baseline.ended) - pairs.pairs,
        failure_p=_failure_p(arm, baseline),
        cost=_cost(arm, baseline),
    )


def _failure_p(arm: ArmSummary, baseline: ArmSummary) -> float | None:
    """Whether the arm diverges more or less often than the baseline; None where neither ever did.

    Runs that failed do not count: a crash or a full disk says nothing of an arm.
    """
    if not arm.diverged and not baseline.diverged:
        return None
    return paired.failure_test(arm.diverged, arm.n + arm.diverged, baseline.diverged, baseline.n + baseline.diverged)


def _cost(arm: ArmSummary, baseline: ArmSummary) -> float | None:
    """The extra training time as a share of the baseline's (0.1: a tenth more), over common seeds."""
    seeds = set(arm.seconds) & set(baseline.seconds)
    if not seeds:
        return None
    return sum(arm.seconds[seed] for seed in seeds) / sum(baseline.seconds[seed] for seed in seeds) - 1.0


def _outlook(comparisons: tuple[Comparison, ...], alpha: float) -> tuple[tuple[int, float | None], ...]:
    """For some numbers of seeds, and the present one: the true difference found with 80 % probability.

    For the typical spread of the paired differences and Holm's strictest level, alpha / number of comparisons.
    """
    pairs = [comparison.paired for comparison in comparisons]
    present = max((each.pairs for each in pairs), default=0)
    seeds = sorted({present, *OUTLOOK} - {0})
    return tuple((n, resolvable(pairs, n, alpha)) for n in seeds)
