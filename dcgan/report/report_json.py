"""report.json: the analysis as plain values that others script against. Keys may be added, never changed."""

from __future__ import annotations

from typing import Any

from dcgan.report.analysis import Analysis, ArmSummary, Comparison
from dcgan.report.interim_looks import words
from dcgan.report.results import STATUSES
from dcgan.report.text.effects_text import effect_name
from dcgan.report.text.processors_text import processors_json, spread_of, warnings
from dcgan.statistics.contrasts import Reading
from dcgan.statistics.effects import EffectEstimate, Interaction
from dcgan.statistics.paired import Interval, Paired
from dcgan.statistics.verdicts import Judgement


def to_json(analysis: Analysis) -> dict[str, Any]:
    """The numbers of report.json: plain values, None where there is none."""
    trials, effects, stop = analysis.trials, analysis.effects, analysis.results.stop
    spread = spread_of(analysis)
    return {
        "title": analysis.results.title,
        "metric": analysis.metric,
        "goal": analysis.goal,
        "baseline": analysis.baseline.arm,
        "alpha": analysis.alpha,
        "margin": analysis.margin,
        "seeds": analysis.seeds,
        "trials": {
            "total": analysis.planned,
            "done": analysis.planned - analysis.undone,
            **{status: trials[status] for status in STATUSES},
        },
        "partial": analysis.undone > 0,
        "stop": None if stop is None else {"looks": list(stop.seeds), "method": words(stop)},
        "tuned": analysis.results.tuned and analysis.results.tuned.to_json(),
        "resolvable_difference": analysis.resolvable,
        "outlook": [{"seeds": n, "difference": value} for n, value in analysis.outlook],
        "arms": [_arm_json(arm) for arm in analysis.arms],
        "comparisons": [_comparison_json(comparison) for comparison in analysis.comparisons],
        "effects": [_effect_json(estimate) for estimate in effects.mains] if effects else [],
        "interactions": [_interaction_json(interaction) for interaction in effects.interactions] if effects else [],
        "aliases": _aliases_json(effects.reading) if effects else None,
        "protocol": dict(analysis.results.protocol),
        "environment": dict(analysis.results.environment),
        "processors": processors_json(spread),
        "warnings": warnings(spread, analysis.baseline.arm),
    }


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


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    """`failed_p` compares the divergences, not corrected for several tests.

    `look`: the number of seeds at which a comparison was decided or, if it is open, last looked at; None where the
    number of seeds was fixed.
    """
    return {
        "arm": comparison.arm.arm,
        **_tested(comparison.paired, comparison),
        "dropped": comparison.dropped,
        "failed": comparison.arm.without_score,
        "failed_p": comparison.failure_p,
        "extra_seconds": comparison.cost,
        "look": comparison.look,
    }


def _effect_json(estimate: EffectEstimate) -> dict[str, Any]:
    """`left_out` seeds lack a score in one of the arms; `unfinished` ones may still get it."""
    return {
        "effect": effect_name(estimate),
        "factors": [list(term) for term in estimate.effect.terms],
        "beside": estimate.effect.beside or None,
        **_tested(estimate.paired, estimate.judgement),
        "left_out": estimate.lost,
        "unfinished": estimate.waiting,
    }


def _tested(pairs: Paired, judged: Comparison | Judgement) -> dict[str, Any]:
    """A difference over seeds and what it came to, whatever it is a difference of."""
    return {
        "pairs": pairs.pairs,
        "difference": pairs.difference,
        "sd": pairs.sd,
        "interval": _listed(pairs.interval),
        "interval_90": _listed(pairs.equivalence),
        "p": pairs.p,
        "p_adjusted": judged.p_adjusted,
        "verdict": judged.verdict,
        "seeds_needed": judged.seeds_needed,
        "within_margin": judged.within_margin,
    }


def _interaction_json(interaction: Interaction) -> dict[str, Any]:
    """`verdict` is interacts, consistent or inconclusive."""
    return {**_effect_json(interaction.estimate), "verdict": interaction.agreement}


def _aliases_json(reading: Reading) -> dict[str, Any]:
    """Of each effect, by its factors, the others that its estimate contains, with their weights."""
    return {
        "resolution": reading.resolution,
        "table": [
            {"effect": list(effect), "with": [{"effect": list(other), "weight": weight} for other, weight in shares]}
            for effect, shares in reading.shares.items()
        ],
    }


def _listed(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
