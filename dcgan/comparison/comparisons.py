"""The arms of a table, each summed up, and their comparisons with the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dcgan.common.metrics import Scale
from dcgan.comparison.results import UNFINISHED, WITHOUT_SCORE, Results
from dcgan.records.trial_rows import STATUSES
from dcgan.statistics import paired
from dcgan.statistics.many_to_one import compare_all
from dcgan.statistics.paired import Interval, Paired, Verdict
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, of_seeds
from dcgan.statistics.verdicts import Estimate, Judgement, Rules, judge, no_logarithm, of_paired


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
    """One arm against the baseline.

    `paired` holds the differences (arm minus baseline) in the metric's own units, `estimate` what they come to on the
    scale of the analysis, by which the `judgement` is given. `dropped` counts the seeds that both arms ended, but at
    least one of them without a score. `look`: where the study stops when decided, the number of seeds of the look that
    this speaks of.
    """

    arm: ArmSummary
    paired: Paired
    estimate: Estimate
    judgement: Judgement
    dropped: int
    failure_p: float | None
    cost: float | None
    look: int | None = None

    @property
    def verdict(self) -> Verdict:
        """What it comes to for the arm."""
        return self.judgement.verdict

    @property
    def seeds_needed(self) -> int | None:
        """How many seeds would settle it; None where that is not known or would be too many."""
        return self.judgement.seeds_needed

    @property
    def within_margin(self) -> bool:
        """Whether the effect is shown to be smaller than matters."""
        return self.judgement.within_margin


def summary(results: Results, metric: str, arm: str) -> ArmSummary:
    """An arm of that table, by that metric."""
    scores = results.scores(metric, arm)
    rows = results.rows(arm)
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


def compare(
    baseline: ArmSummary, arms: list[ArmSummary], rules: Rules, scale: Scale, same_seeds: bool
) -> tuple[Comparison, ...]:
    """By all seeds."""
    estimates = compare_all(
        [arm.scores for arm in arms], baseline.scores, scale, alpha=rules.alpha, same_seeds=same_seeds
    )
    return tuple(
        _comparison(arm, baseline, paired.compare(arm.scores, baseline.scores), estimate, rules)
        for arm, estimate in zip(arms, estimates, strict=True)
    )


def compare_looked(
    baseline: ArmSummary, arms: list[ArmSummary], rules: Rules, looked: InterimAnalysis, scale: Scale
) -> tuple[Comparison, ...]:
    """Each by the seeds of its look, where the study stops when decided: later ones are not its business."""
    seen = [looked.judged[arm.arm] for arm in arms]
    levels = paired.holm_levels([each.paired.p for each in seen], [each.p_adjusted for each in seen], rules.alpha)
    comparisons = []
    for arm, each, level in zip(arms, seen, levels, strict=True):
        used = set(looked.planned[: each.seeds])
        own = paired.compare(of_seeds(arm.scores, used), of_seeds(baseline.scores, used))
        refused = no_logarithm("sequential", (of_seeds(arm.scores, used), of_seeds(baseline.scores, used)))
        # No simultaneous interval: the repeated ones hold over the looks, each for its own comparison.
        measured = replace(of_paired(each.paired, each.p_adjusted, level, rules.alpha, "sequential"), simultaneous=None)
        estimate = refused if refused and scale == "ratio" else measured
        dropped = looked.without_score(arm.ended & baseline.ended, each.paired, each.seeds)
        comparison = _comparison(arm, baseline, own, estimate, rules)
        comparisons.append(replace(comparison, look=each.seeds, dropped=dropped))
    return tuple(comparisons)


def _comparison(arm: ArmSummary, baseline: ArmSummary, pairs: Paired, estimate: Estimate, rules: Rules) -> Comparison:
    return Comparison(
        arm=arm,
        paired=pairs,
        estimate=estimate,
        judgement=judge(estimate, rules),
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
