"""Several studies side by side: each tip in each of them, whether they agree, and what they come to together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

from dcgan.common.errors import Misuse
from dcgan.common.formatting import count, listed
from dcgan.common.metrics import Goal, Scale
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.results import Results
from dcgan.comparison.tips_across import TipAcross, side_by_side
from dcgan.statistics import paired
from dcgan.statistics.meta_analysis import pool

Choice = TypeVar("Choice", bound=str)
_TELLING_DIGITS = 6  # of a score: two runs with the same seed and all of them are one run


@dataclass(frozen=True)
class Several:
    """Studies by their names, all by one metric on one scale. `tips`: those on which they disagree first, then from
    the most helpful on, those of one study last. `shared`: how many runs two studies have in common. `unpooled`: why no
    effects of this report are put together; empty where they are."""

    analyses: Mapping[str, Analysis]
    tips: tuple[TipAcross, ...]
    shared: Mapping[tuple[str, str], int]
    margin: float | None
    unpooled: str

    @property
    def first(self) -> Analysis:
        """Any of them, for what they have in common: metric, goal, scale, alpha."""
        return next(iter(self.analyses.values()))


def distinct_names(titles: Sequence[str], places: Sequence[Sequence[str]]) -> list[str]:
    """The titles, with the folder that tells them apart before those that are the same.

    `places`: of each the folders that it lies in, the innermost first.

    Example:
        >>> distinct_names(["trials", "trials"], [["tables", "demo"], ["tables", "mine"]])
        ['demo/trials', 'mine/trials']
    """
    names = list(titles)
    for title in {each for each in titles if titles.count(each) > 1}:
        clash = [index for index, each in enumerate(titles) if each == title]
        for depth in range(max(len(places[index]) for index in clash)):
            told = [f"{places[index][depth]}/{title}" if depth < len(places[index]) else title for index in clash]
            if len(set(told)) == len(told):
                for index, name in zip(clash, told, strict=True):
                    names[index] = name
                break
        else:
            raise Misuse(f"'{title}' is there twice: name other studies, or tables of other names")
    return names


def put_together(
    sources: Mapping[str, Results],
    *,
    metric: str | None = None,
    goal: Goal | None = None,
    scale: Scale | None = None,
    **options: Any,
) -> Several:
    """The studies' analyses and their tips side by side; `options` are those of `analyse`, for each of them.

    Raises Misuse, before anything is computed, where metrics, goals or scales differ, and where two are of the same
    runs.
    """
    metrics = {name: results.choose_metric(metric) for name, results in sources.items()}
    one_metric = _one("metric", metrics)
    one_goal = _one("goal", {name: results.choose_goal(one_metric, goal) for name, results in sources.items()})
    one_scale = _one("scale", {name: results.choose_scale(one_metric, scale) for name, results in sources.items()})
    for one, other in combinations(sources, 2):
        if sources[one].table.equals(sources[other].table):
            raise Misuse(f"{one} and {other} are the same runs: name each study once")
    analyses = {
        name: analyse(results, metric=one_metric, goal=one_goal, scale=one_scale, **options)
        for name, results in sources.items()
    }
    shared = _shared(analyses)
    unpooled = _other_units(analyses) if one_scale == "difference" else ""
    margins = [analysis.margin for analysis in analyses.values() if analysis.margin is not None]
    margin = min(margins) if len(margins) == len(analyses) else None
    tips = [_pooled(tip, shared, unpooled) for tip in side_by_side(analyses)]
    adjusted = paired.holm([tip.pooled.p if tip.pooled else None for tip in tips])
    alpha = next(iter(analyses.values())).alpha
    judged = [_judged(tip, p, margin, one_goal, alpha) for tip, p in zip(tips, adjusted, strict=True)]
    judged.sort(key=lambda tip: _place(tip, one_goal, bool(unpooled)))
    return Several(analyses, tuple(judged), shared, margin, unpooled)


def _one(what: str, chosen: Mapping[str, Choice]) -> Choice:
    """What all studies are judged by. Raises Misuse that says which study has which, if they differ."""
    values = list(dict.fromkeys(chosen.values()))
    if len(values) > 1:
        told = [f"{value} in {listed([name for name in chosen if chosen[name] == value])}" for value in values]
        raise Misuse(f"the studies have different {what}s: {'; '.join(told)}. One --{what} for all settles it")
    return values[0]


def _shared(analyses: Mapping[str, Analysis]) -> dict[tuple[str, str], int]:
    """How many runs two studies have in common, where there are any. Raises Misuse if one has no run of its own."""
    runs = {
        name: {
            (seed, score)
            for arm in analysis.arms
            for seed, score in arm.scores.items()
            if len(f"{abs(score):.17g}".replace(".", "").strip("0")) >= _TELLING_DIGITS and not score.is_integer()
        }
        for name, analysis in analyses.items()
    }
    found = {}
    for one, other in combinations(analyses, 2):
        common = runs[one] & runs[other]
        if common and len(common) == min(len(runs[one]), len(runs[other])):
            whose = one if len(runs[one]) == len(common) else other
            raise Misuse(f"{one} and {other} are the same runs: all of {whose} are in the other; name each study once")
        if common:
            found[one, other] = len(common)
    return found


def _other_units(analyses: Mapping[str, Analysis]) -> str:
    """Why differences of these studies are not of one unit; empty if all were scored by one protocol."""
    protocols = {name: _protocol(analysis.results) for name, analysis in analyses.items()}
    if silent := [name for name, protocol in protocols.items() if not protocol]:
        was = "was" if len(silent) == 1 else "were"
        return f"differences are pooled under one protocol only, and how {listed(silent)} {was} scored is not said"
    if len(set(protocols.values())) == 1:
        return ""
    scored = [f"{name} as {protocol}" for name, protocol in protocols.items()]
    return f"differences are in the units of their protocol, and these differ: {listed(scored)}"


def _protocol(results: Results) -> str:
    """How the scores were taken, in a word; of a table that has no such word, all that it says."""
    return results.scored or ", ".join(f"{key} {value}" for key, value in results.protocol.items())


def _pooled(tip: TipAcross, shared: Mapping[tuple[str, str], int], unpooled: str) -> TipAcross:
    """With the pooled effect of the studies that have one with a standard error, or the reason why not."""
    usable = {
        name: (each.estimate.effect, each.estimate.se)
        for name, each in tip.effects.items()
        if each.estimate.effect is not None and each.estimate.se
    }
    reason = unpooled
    if len(tip.effects) == 1:
        reason = f"only {next(iter(tip.effects))} has it"
    elif len(usable) < 2:
        reason = reason or "fewer than two studies have an effect with a standard error"
    for pair in combinations(usable, 2):
        if pair in shared:
            reason = reason or f"{listed(list(pair))} have {count(shared[pair], 'run')} in common: not independent"
    if reason:
        return replace(tip, unpooled=reason)
    pooled = pool([effect for effect, _ in usable.values()], [se for _, se in usable.values()])
    return replace(tip, pooled=pooled, weights=dict(zip(usable, pooled.weights, strict=True)))


def _judged(tip: TipAcross, p_adjusted: float | None, margin: float | None, goal: Goal, alpha: float) -> TipAcross:
    if tip.pooled is None:
        return tip
    verdict = paired.verdict(
        tip.pooled.effect, p_adjusted, tip.pooled.equivalence, margin=margin, goal=goal, alpha=alpha
    )
    return replace(tip, p_adjusted=p_adjusted, verdict=verdict)


def _place(tip: TipAcross, goal: Goal, other_units: bool) -> tuple[int, float]:
    """Where a tip stands among the others; by how sure it helps where effects are in units of their own."""
    group = {"disagree": 0, "one study": 2}.get(tip.consensus, 1)
    sign = 1.0 if goal == "minimize" else -1.0
    estimates = [each.estimate for each in tip.effects.values() if each.estimate.effect is not None]
    if not estimates:
        return group, float("inf")
    if other_units:
        harm = [_probably(sign * (each.effect or 0.0), each.direction) for each in estimates]
        return group, sum(harm) / len(harm)
    effect = tip.pooled.effect if tip.pooled else sum(each.effect or 0.0 for each in estimates) / len(estimates)
    return group, sign * effect


def _probably(harm: float, direction: float | None) -> float:
    """The probability that it is harm."""
    sure = 0.5 if direction is None else direction
    return sure if harm > 0 else 1.0 - sure
