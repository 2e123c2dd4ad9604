"""Comparisons with one baseline at successive looks: each is decided once, and open ones get more seeds.

Over the looks a comparison is judged by its sequential p-value, which falls below x with a probability of at most x
where the arm is the same as the baseline, whenever and for whatever reason one stops looking. Over the comparisons it
is judged by Holm's procedure on these. Holm needs nothing but that property of each p, and sequential p-values only
fall from look to look, so whatever is declared at any look would be declared by Holm at the last one: the familywise
error is at most alpha. (The closed test behind it is that of Maurer & Bretz 2013, Stat. Biopharm. Res. 5, 311, with
equal weights.) A comparison that cannot be tested yet counts as one with p = 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dcgan.common.metrics import Goal, Scale
from dcgan.statistics import paired
from dcgan.statistics.paired import Paired, Verdict
from dcgan.statistics.scale import has_logarithms, margin_on_scale, on_scale
from dcgan.statistics.sequential.boundaries import at_look, levels

Scores = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Looks:
    """When one looks: after `first` seeds, then after each further `every`, and at the last after `at_most`."""

    first: int
    every: int
    at_most: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """The number of seeds at each look."""
        return (*range(self.first, self.at_most, self.every), self.at_most)


@dataclass(frozen=True)
class StoppingRules:
    """What verdicts are given by. `margin` is on the scale; None: the share of the score.

    On the scale of differences it is a share of the baseline's mean over the first look's seeds, so that the margin
    does not move from look to look.
    """

    goal: Goal
    alpha: float = 0.05
    margin: float | None = None
    margin_share: float = paired.MARGIN_SHARE
    scale: Scale = "difference"


@dataclass(frozen=True)
class JudgedComparison:
    """A comparison as of its last look, with `seeds` planned seeds; a decided one stays as it was decided."""

    paired: Paired
    p_adjusted: float | None
    verdict: Verdict
    seeds: int

    @property
    def decided(self) -> bool:
        """Whether it gets no further seeds."""
        return self.verdict != "inconclusive"


@dataclass(frozen=True)
class InterimAnalysis:
    """How far the comparisons are, by arm what they come to.

    `seeds`: the number of those `planned` that the last complete look had; 0 before the first one.
    """

    looks: Looks
    planned: tuple[int, ...]
    seeds: int
    judged: Mapping[str, JudgedComparison]
    margin: float | None

    @property
    def over(self) -> bool:
        """Whether there is nothing more to look at."""
        return self.seeds == self.looks.at_most or (
            self.seeds > 0 and all(each.decided for each in self.judged.values())
        )

    def without_score(self, ended: Collection[int], paired: Paired, look: int) -> int:
        """How many of the seeds that both arms `ended`, up to a look, made no pair."""
        return len(set(ended) & set(self.planned[:look])) - paired.pairs

    def horizon(self, arm: str) -> int:
        """How many seeds a compared arm is to be run with, as far as is known now."""
        if arm in self.judged and self.judged[arm].decided:
            return self.judged[arm].seeds
        return self.seeds if self.over else min(each for each in self.looks.seeds if each > self.seeds)


def follow(
    looks: Looks,
    seeds: Sequence[int],
    scores: Scores,
    ended: Collection[tuple[str, int]],
    rules: StoppingRules,
    *,
    baseline: str,
    arms: Sequence[str],
    skipped: Collection[tuple[str, int]] = (),
) -> InterimAnalysis:
    """Looks at what there is, as often as `looks` say and as long as all that a look needs has `ended`.

    `scores` are in the metric's units: what is compared, and what comes out, is on the scale of the rules; a comparison
    with a score that has no logarithm there stays open. `seeds` are the planned ones in their order, `ended` the (arm,
    seed) of runs that are over, with a score or without. Runs beyond what a look needs are not looked at. `skipped` are
    the runs that will never be made: an arm of which a look would need one stays as it was at the look before.
    """
    judged: dict[str, JudgedComparison] = {}
    pairs: dict[str, tuple[int, ...]] = dict.fromkeys(arms, ())
    shares = tuple(count / looks.at_most for count in looks.seeds)
    margin, seen = rules.margin, 0
    for number, count in enumerate(looks.seeds, start=1):
        block = seeds[seen:count]
        still = [arm for arm in arms if arm not in judged or not judged[arm].decided]
        still = [arm for arm in still if not any((arm, seed) in skipped for seed in block)]
        if not still or any((arm, seed) not in ended for seed in block for arm in (baseline, *still)):
            break
        seen = count
        used = set(seeds[:count])
        reference = of_seeds(scores.get(baseline, {}), used)
        if margin is None and number == 1 and reference:
            margin = margin_on_scale(rules.margin_share, rules.scale, float(np.mean(list(reference.values()))))
        compared: dict[str, Paired] = {}
        for arm in still:
            own = of_seeds(scores.get(arm, {}), used)
            if rules.scale == "ratio" and not (has_logarithms(own) and has_logarithms(reference)):
                judged[arm] = JudgedComparison(paired.compare({}, {}), None, "inconclusive", count)
                continue
            raw = paired.compare(on_scale(own, rules.scale), on_scale(reference, rules.scale))
            pairs[arm] = (*pairs[arm], raw.pairs)
            level = levels(pairs[arm], shares[:number])[-1]
            compared[arm] = at_look(raw, level, judged[arm].paired.p if arm in judged else None)
        p = {arm: compared[arm].p if arm in compared else judged[arm].paired.p for arm in arms}
        adjusted = dict(zip(p, paired.holm([1.0 if each is None else each for each in p.values()]), strict=True))
        judged |= {
            arm: _judge(pairs_of_arm, adjusted[arm], count, margin, rules) for arm, pairs_of_arm in compared.items()
        }
    return InterimAnalysis(looks, tuple(seeds), seen, judged, margin)


def _judge(
    compared: Paired, adjusted: float | None, count: int, margin: float | None, rules: StoppingRules
) -> JudgedComparison:
    """The verdict on a comparison at the look with `count` seeds."""
    p_adjusted = None if compared.p is None else adjusted
    verdict = paired.verdict(
        compared.difference, p_adjusted, compared.equivalence, margin=margin, goal=rules.goal, alpha=rules.alpha
    )
    return JudgedComparison(compared, p_adjusted, verdict, count)


def of_seeds(scores: Mapping[int, float], seeds: Collection[int]) -> dict[int, float]:
    """The scores of those seeds."""
    return {seed: value for seed, value in scores.items() if seed in seeds}
