"""report.json: the analysis as plain values that others script against. Keys may be added, never changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dcgan.common.metrics import Scale
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.beside import side_by_side
from dcgan.comparison.comparisons import ArmSummary, Comparison
from dcgan.comparison.interim_looks import words
from dcgan.records.trial_rows import STATUSES
from dcgan.report.text.banners import banners
from dcgan.report.text.effects_text import effect_name
from dcgan.report.text.processors_text import processors_json, spread_of
from dcgan.report.text.replication_text import side_name
from dcgan.report.text.tips_view import ratio, tips_json
from dcgan.statistics.contrasts import Reading
from dcgan.statistics.effects import EffectEstimate, Interaction
from dcgan.statistics.paired import Interval, Paired
from dcgan.statistics.verdicts import Estimate, Judgement

_LARGEST = 700.0  # of a difference of logarithms whose ratio is a number


def to_json(analysis: Analysis) -> dict[str, Any]:
    """The numbers of report.json: plain values, None where there is none."""
    trials, effects, stop = analysis.trials, analysis.effects, analysis.results.stop
    spread, plan = spread_of(analysis), analysis.results.plan
    # A design is asked for its effects, each of which is of all its arms: its pairs of arms could find far less.
    resolvable, outlook = (analysis.resolvable, analysis.outlook) if effects is None else (effects.resolvable, ())
    return {
        "title": analysis.results.title,
        "metric": analysis.metric,
        "goal": analysis.goal,
        "baseline": analysis.baseline.arm,
        "alpha": analysis.alpha,
        "margin": _plain_margin(analysis),
        "margin_share": analysis.margin_share,
        "scale": analysis.scale,
        "method": analysis.method,
        "seeds": analysis.seeds,
        "trials": {
            "total": analysis.planned,
            "done": analysis.planned - analysis.undone,
            **{status: trials[status] for status in STATUSES},
        },
        "partial": analysis.undone > 0,
        "stop": None if stop is None else {"looks": list(stop.seeds), "method": words(stop, analysis.scale)},
        "tuned": analysis.results.tuned and analysis.results.tuned.to_json(),
        "resolvable_difference": _plain_size(analysis, resolvable),
        "resolvable_effect": resolvable,
        "outlook": [{"seeds": n, "difference": _plain_size(analysis, value), "effect": value} for n, value in outlook],
        "arms": [_arm_json(arm) for arm in analysis.arms],
        "tips": tips_json(analysis),
        "comparisons": [_comparison_json(comparison, analysis.scale) for comparison in analysis.comparisons],
        "effects": [_effect_json(estimate, analysis.scale) for estimate in effects.mains] if effects else [],
        "interactions": [_interaction_json(interaction, analysis.scale) for interaction in effects.interactions]
        if effects
        else [],
        "aliases": _aliases_json(effects.reading) if effects else None,
        "replications": [_replication_json(analysis, again) for again in analysis.replications],
        "planned_seeds": list(plan.seeds) if plan else None,
        "seed_changes": [change.to_json() for change in plan.seed_changes] if plan else [],
        "protocol": dict(analysis.results.protocol),
        "environment": dict(analysis.results.environment),
        "processors": processors_json(spread),
        "warnings": banners(analysis),
        "hardly_trained": analysis.hardly_trained and asdict(analysis.hardly_trained),
    }


def _plain_margin(analysis: Analysis) -> float | None:
    """The margin in the metric's units: of ratios the share of the baseline's mean."""
    if analysis.scale == "difference":
        return analysis.margin
    mean, share = analysis.baseline.mean, analysis.margin_share
    return None if mean is None or share is None else share * abs(mean)


def _plain_size(analysis: Analysis, effect: float | None) -> float | None:
    """The size of an effect on the scale in the metric's units, from the baseline's mean."""
    if effect is None or analysis.scale == "difference":
        return effect
    if analysis.baseline.mean is None or effect > _LARGEST:
        return None
    return math.expm1(effect) * abs(analysis.baseline.mean)


def _arm_json(arm: ArmSummary) -> dict[str, Any]:
    """`failed` counts every run that ended without a score; `diverged` says how many of them diverged."""
    return {
        "arm": arm.arm,
        "n": arm.n,
        "failed": arm.without_score,
        "diverged": arm.statuses["diverged"],
        "pruned": arm.statuses["pruned"],
        "unfinished": arm.unfinished,
        "mean": arm.mean,
        "sd": arm.sd,
        "interval": _listed(arm.interval),
        "seconds": arm.mean_seconds,
    }


def _comparison_json(comparison: Comparison, scale: Scale) -> dict[str, Any]:
    """`failed_p` compares the divergences, not corrected for several tests.

    `look`: the number of seeds at which a comparison was decided or, if it is open, last looked at; None where the
    number of seeds was fixed.
    """
    return {
        "arm": comparison.arm.arm,
        **_tested(comparison.paired, comparison.estimate, comparison.judgement, scale),
        "dropped": comparison.dropped,
        "failed": comparison.arm.without_score,
        "failed_p": comparison.failure_p,
        "extra_seconds": comparison.cost,
        "look": comparison.look,
    }


def _replication_json(analysis: Analysis, again: Analysis) -> dict[str, Any]:
    """A replication, judged alone. `found` has each tip, or main effect of a design that has such, from off to on, with
    what the `first` study found of it; `agreement` is empty while the replication is not over."""
    return {
        "study": again.results.title,
        "seeds": list(again.results.seeds),
        "trials": {"total": again.planned, "done": again.planned - again.undone},
        "partial": again.undone > 0,
        "found": [
            {
                "name": side_name(side),
                **_tested(side.of.paired, side.of.estimate, side.of.judgement, again.scale),
                "first": {
                    "estimate": side.first.estimate.effect,
                    "estimate_interval": _listed(side.first.estimate.interval),
                    "verdict": side.first.judgement.verdict,
                },
                "agreement": side.agreement,
            }
            for side in side_by_side(analysis, again)
        ],
    }


def _effect_json(estimate: EffectEstimate, scale: Scale) -> dict[str, Any]:
    """`left_out` seeds lack a score in one of the arms; `unfinished` ones may still get it."""
    return {
        "effect": effect_name(estimate),
        "factors": [list(term) for term in estimate.effect.terms],
        "beside": estimate.effect.beside or None,
        **_tested(estimate.paired, estimate.estimate, estimate.judgement, scale),
        "left_out": estimate.lost,
        "unfinished": estimate.waiting,
    }


def _tested(pairs: Paired, estimate: Estimate, judgement: Judgement, scale: Scale) -> dict[str, Any]:
    """What it came to, whatever it is a difference of.

    `difference`, `sd`, `interval` and `interval_90` are paired and plain, in the metric's units. `estimate` and what
    follows it are on the report's scale (differences of logarithms where that is `ratio`), by the method named.
    """
    ratios = {
        "ratio": None if estimate.effect is None else ratio(estimate.effect),
        "ratio_interval": _listed(estimate.interval, ratio),
        "ratio_simultaneous": _listed(estimate.simultaneous, ratio),
    }
    return {
        "pairs": pairs.pairs,
        "difference": pairs.difference,
        "sd": pairs.sd,
        "interval": _listed(pairs.interval),
        "interval_90": _listed(pairs.equivalence),
        "method": estimate.method,
        "estimate": estimate.effect,
        "estimate_interval": _listed(estimate.interval),
        "estimate_interval_90": _listed(estimate.equivalence),
        "estimate_simultaneous": _listed(estimate.simultaneous),
        **(ratios if scale == "ratio" else {}),
        "p": estimate.p,
        "p_adjusted": estimate.p_adjusted,
        "direction": estimate.direction,
        "verdict": judgement.verdict,
        "reason": estimate.reason,
        "seeds_needed": judgement.seeds_needed,
        "within_margin": judgement.within_margin,
    }


def _interaction_json(interaction: Interaction, scale: Scale) -> dict[str, Any]:
    """`verdict` is interacts, consistent or inconclusive."""
    return {**_effect_json(interaction.estimate, scale), "verdict": interaction.agreement}


def _aliases_json(reading: Reading) -> dict[str, Any]:
    """Of each effect, by its factors, the others that its estimate contains, with their weights."""
    return {
        "resolution": reading.resolution,
        "table": [
            {"effect": list(effect), "with": [{"effect": list(other), "weight": weight} for other, weight in shares]}
            for effect, shares in reading.shares.items()
        ],
    }


def _listed(interval: Interval | None, of: Callable[[float], float] = float) -> list[float] | None:
    return None if interval is None else [of(bound) for bound in interval]
