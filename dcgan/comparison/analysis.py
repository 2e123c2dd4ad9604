"""A table of runs to the report's numbers: every arm, every comparison with the baseline, the outlook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.metrics import Goal, Scale
from dcgan.comparison.baseline_learning import HardlyTrained, hardly_trained
from dcgan.comparison.comparisons import ArmSummary, Comparison, compare, compare_looked, summary
from dcgan.comparison.interim_looks import course
from dcgan.comparison.results import UNFINISHED, Results, without_any_score
from dcgan.comparison.tip_effects import TipEffect, helpfulness, tip_effects
from dcgan.comparison.withheld import effects_withheld, withheld
from dcgan.statistics import paired
from dcgan.statistics.effects import Cells, EffectEstimate, Effects, estimate_effects
from dcgan.statistics.power import resolvable_difference, typical_spread
from dcgan.statistics.scale import margin_on_scale
from dcgan.statistics.sequential.interim_analysis import StoppingRules
from dcgan.statistics.verdicts import Method, Rules

OUTLOOK = (3, 5, 8, 10, 15, 20, 30)  # numbers of seeds whose power is told


@dataclass(frozen=True)
class Analysis:
    """Everything the figures and documents say, as numbers. `margin` and `outlook` are on the scale."""

    results: Results
    metric: str
    goal: Goal
    scale: Scale
    alpha: float
    margin: float | None
    margin_share: float | None
    baseline: ArmSummary
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    tips: tuple[TipEffect, ...]
    outlook: tuple[tuple[int, float | None], ...]
    effects: Effects | None = None
    replications: tuple[Analysis, ...] = ()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The arms but the baseline by what sets them apart from it."""
        return {tip.arm: tip.arm_label for tip in self.tips}

    @cached_property
    def hardly_trained(self) -> HardlyTrained | None:
        """How little the baseline has learned, where that is too little to compare arms; else None."""
        return hardly_trained(self.results, self.metric, self.goal, self.baseline.arm, self.baseline.scores)

    @property
    def by_effects(self) -> bool:
        """Whether it is the effects of a design that the runs are judged by, and not its arms against the baseline."""
        return self.effects is not None and self.effects.seeds > 0

    @property
    def averaged(self) -> bool:
        """Whether these effects are averages over all arms, as those beside two baselines are not."""
        return self.by_effects and self.effects is not None and not self.effects.two_baselines

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
    def compared(self) -> bool:
        """Whether there is any difference, of paired runs or of unpaired ones."""
        return any(comparison.estimate.effect is not None for comparison in self.comparisons)

    @property
    def resolvable(self) -> float | None:
        """The true effect, on the scale, that this many seeds find with 80 % probability."""
        return dict(self.outlook).get(self.seeds)

    @property
    def method(self) -> Method:
        """How the comparisons were made: of most of them, where a few could not be."""
        methods = Counter(each.estimate.method for each in self.comparisons if each.estimate.p is not None)
        return methods.most_common(1)[0][0] if methods else "paired"


def in_order(analysis: Analysis) -> list[ArmSummary]:
    """The baseline, then every arm in the order of the tips."""
    return [analysis.baseline, *(tip.comparison.arm for tip in analysis.tips)]


def ordered_mains(analysis: Analysis) -> list[EffectEstimate]:
    """The main effects of a design, the most helpful first; beside two baselines the factors as they stand."""
    if analysis.effects is None:
        return []
    if analysis.effects.two_baselines:
        return list(analysis.effects.mains)
    return sorted(analysis.effects.mains, key=lambda main: helpfulness(main.estimate.effect, analysis.goal))


def arm_label(analysis: Analysis, arm: str) -> str:
    """An arm by what sets it apart from the baseline: `batch_norm off`; the baseline by its name."""
    return analysis.labels.get(arm, arm)


def analyse(
    results: Results,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    goal: Goal | None = None,
    scale: Scale | None = None,
    alpha: float = 0.05,
    margin: float | None = None,
    margin_share: float = paired.MARGIN_SHARE,
) -> Analysis:
    """Compares every arm with the baseline on one metric.

    `margin` is in the metric's units; by default it is `margin_share` of the score. Raises Misuse for an unknown arm
    or metric, for values out of range and for a margin in units on the ratio scale, DcganError if there is nothing to
    report on.
    """
    _check_range(alpha, margin, margin_share)
    metric = results.choose_metric(metric)
    goal = results.choose_goal(metric, goal)
    scale = results.choose_scale(metric, scale)
    if margin is not None and scale == "ratio":
        raise Misuse(
            f"margin={margin:g}: {metric} is compared by ratios, so the margin is a share, as in --margin 5%; or "
            "compare differences with --scale difference"
        )
    chosen = results.choose_baseline(baseline)
    alike = partial(
        analyse,
        baseline=chosen,
        metric=metric,
        goal=goal,
        scale=scale,
        alpha=alpha,
        margin=margin,
        margin_share=margin_share,
    )
    arms = tuple(summary(results, metric, arm) for arm in results.arms)
    _check_arms(results, arms, chosen)
    reference = next(arm for arm in arms if arm.arm == chosen)
    share = margin_share if margin is None else None
    rules = StoppingRules(goal, alpha, margin, margin_share, scale)
    looked = course(results, {arm.arm: arm.scores for arm in arms}, chosen, rules)
    if looked:
        margin = looked.margin
    elif margin is None:
        margin = margin_on_scale(margin_share, scale, reference.mean)
    judging = Rules(margin, goal, alpha)
    others = [arm for arm in arms if arm is not reference]
    comparisons = (
        compare(reference, others, judging, scale, results.same_seeds)
        if looked is None
        else compare_looked(reference, others, judging, looked, scale)
    )
    effects = estimate_effects(results.reading, results.levels, _cells(results, arms), judging, scale)
    if results.live:
        comparisons = tuple(withheld(each, reference) for each in comparisons)
        effects = effects and effects_withheld(effects)
    return Analysis(
        results=results,
        metric=metric,
        goal=goal,
        scale=scale,
        alpha=alpha,
        margin=margin,
        margin_share=share,
        baseline=reference,
        arms=(reference, *others),
        comparisons=comparisons,
        tips=tip_effects(comparisons, reference, results.levels, goal),
        outlook=_outlook(comparisons),
        effects=effects,
        replications=tuple(alike(each) for each in results.replications),
    )


def _check_arms(results: Results, arms: tuple[ArmSummary, ...], chosen: str) -> None:
    if not any(arm.n for arm in arms):
        if ended := without_any_score(Counter(results.table["status"])):
            raise DcganError(f"{results.title}: {ended}")
        raise DcganError(f"{results.title} has no finished run: there is nothing to report on yet")
    if len(arms) < 2:
        raise DcganError(f"{results.title} has only the arm '{chosen}': there is nothing to compare it with")


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


def _outlook(comparisons: tuple[Comparison, ...]) -> tuple[tuple[int, float | None], ...]:
    """For some numbers of seeds, and the present one: the true effect, on the scale, found with 80 % probability.

    For the typical spread of the paired differences and the critical value that all comparisons must exceed.
    """
    estimates = [each.estimate for each in comparisons]
    present = max((each.pairs for each in estimates), default=0)
    known = [each for each in estimates if each.level is not None and each.sd is not None and each.pairs > 1]
    level = min((each.level for each in known if each.level is not None), default=0.0)
    prior_df = max((each.prior_df for each in known), default=0.0)
    # Spreads that were shared are typical already.
    shared = float(np.median([each.sd for each in known if each.sd is not None])) if prior_df else None
    sd = shared or typical_spread([(each.sd, each.pairs) for each in known])
    seeds = sorted({present, *OUTLOOK} - {0})
    return tuple((n, resolvable_difference(sd, n, level, prior_df) if level else None) for n in seeds)
