"""The tips of an analysis as the documents and report.json show them, each from off to on."""

from __future__ import annotations

import math
from typing import Any

from dcgan.common.formatting import NONE, p_value, percent
from dcgan.comparison.analysis import Analysis, ordered_mains
from dcgan.comparison.tip_effects import TipEffect
from dcgan.report.text import sentences
from dcgan.report.text.effects_text import caution, effect_name, effect_sentence, term_name
from dcgan.report.text.numbers import Numbers
from dcgan.statistics.effects import EffectEstimate
from dcgan.statistics.verdicts import Estimate, Judgement

_NOT_YET = "not yet"
_GROUPS = {
    "helps": "Helps",
    "hurts": "Hurts",
    "no effect": "No effect",
    "inconclusive": "Inconclusive",
    _NOT_YET: "No verdict yet",
}
_LARGEST = 700.0  # of a difference of logarithms whose ratio is a number


def tip_row(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> dict[str, Any]:
    """A line of the table of verdicts."""
    estimate, own = tip.estimate, tip.paired
    return {
        "tip": tip.label,
        "arm": tip.arm,
        "change": change(tip),
        "pairs": estimate.pairs,
        "difference": numbers.effect(estimate.effect),
        "interval": numbers.effect_interval(estimate.interval),
        "simultaneous": numbers.effect_interval(estimate.simultaneous),
        "plain": ""
        if own.difference is None
        else f"{numbers.signed(own.difference)} {numbers.interval(own.interval)}".strip(),
        "p": p_value(estimate.p),
        "p_adjusted": p_value(estimate.p_adjusted),
        "lean": sentences.lean(analysis, tip),
        "reason": estimate.reason or sentences.other_method(analysis, tip),
        "verdict": tip.verdict,
        "kind": kind(tip.verdict),
        "survivors": sentences.survivors(analysis, tip),
        "seeds_needed": _seeds_needed(analysis, tip),
        "cost": percent(tip.cost),
        "failures": sentences.failures(tip.comparison.arm),
    }


def kind(verdict: str) -> str:
    """The verdict as the name of a style."""
    return verdict.replace(" ", "-")


def change(tip: TipEffect) -> str:
    """`off to on`, `adam to sgd`, and for a whole arm the baseline that it is compared with."""
    return f"{tip.instead} to {tip.level}" if tip.level else f"against {tip.without.arm}"


def groups(analysis: Analysis, numbers: Numbers) -> list[dict[str, Any]]:
    """The tips, or the main effects of a design, by what they do: each with its effect, and in a sentence."""
    told = _told_effects(analysis, numbers) if analysis.by_effects else _told_tips(analysis, numbers)
    found = []
    for group, name in _GROUPS.items():
        here = [entry for entry in told if entry[0] == group]
        if here:
            tips, words = [entry[1:3] for entry in here], [entry[3] for entry in here]
            found.append({"name": name, "kind": kind(group), "tips": tips, "sentences": words})
    return found


def _told_tips(analysis: Analysis, numbers: Numbers) -> list[tuple[str, str, str, str]]:
    """Of each tip its group, its name, its effect and its sentence."""
    return [
        (
            _NOT_YET if sentences.is_withheld(tip) else tip.verdict,
            tip.label,
            numbers.effect(tip.estimate.effect),
            sentences.sentence(analysis, tip, numbers),
        )
        for tip in analysis.tips
    ]


def _told_effects(analysis: Analysis, numbers: Numbers) -> list[tuple[str, str, str, str]]:
    """The same of each main effect."""
    return [
        (
            each.judgement.verdict,
            effect_name(each),
            numbers.effect(each.estimate.effect),
            effect_sentence(analysis, each, numbers),
        )
        for each in ordered_mains(analysis)
    ]


def _seeds_needed(analysis: Analysis, tip: TipEffect) -> str:
    """For an open comparison the number of seeds that would do; settled ones need none, and where the baseline has
    hardly learned none would do."""
    if tip.verdict != "inconclusive":
        return f"decided with {tip.comparison.look}" if tip.comparison.look else "settled"
    if analysis.hardly_trained:
        return NONE
    if tip.judgement.seeds_needed is not None:
        return f"about {tip.judgement.seeds_needed}"
    return "at least 2" if tip.paired.pairs == 1 else NONE


def told(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> dict[str, str]:
    """What report.json says beside the comparison of the tip's arm; `consequence`: for the tip that the arm lacks."""
    clear = tip.turned and tip.verdict in ("helps", "hurts")
    return {
        "consequence": f"so {tip.label} {tip.verdict}" if clear else "",
        "survivors": sentences.survivors(analysis, tip),
        "lean": sentences.lean(analysis, tip),
        "sentence": sentences.sentence(analysis, tip, numbers),
    }


def tips_json(analysis: Analysis) -> list[dict[str, Any]]:
    """`tips` of report.json: the effects of a design, else those of its arms; `effect` is on the report's scale."""
    numbers = Numbers.of(analysis)
    if analysis.effects:
        return [_of_design(analysis, each) for each in analysis.effects.mains]
    return [_of_arm(analysis, tip, numbers) for tip in analysis.tips]


def _of_arm(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> dict[str, Any]:
    return {
        "tip": tip.factor,
        "level": tip.level,
        "instead": tip.instead or tip.without.arm,
        "label": tip.label,
        "arm": tip.arm,
        **_judged(analysis, tip.estimate, tip.judgement),
        "extra_seconds": tip.cost,
        "runs": len(tip.with_it.ended),
        "failed": tip.with_it.without_score,
        **told(analysis, tip, numbers),
    }


def _of_design(analysis: Analysis, estimate: EffectEstimate) -> dict[str, Any]:
    factor, low, high = estimate.effect.terms[0]
    return {
        "tip": factor,
        "level": high,
        "instead": low,
        "label": term_name(estimate.effect.terms[0]),
        **_judged(analysis, estimate.estimate, estimate.judgement),
        "beside": estimate.effect.beside or None,
        "caution": caution(estimate),
    }


def _judged(analysis: Analysis, estimate: Estimate, judgement: Judgement) -> dict[str, Any]:
    entry = {
        "pairs": estimate.pairs,
        "effect": estimate.effect,
        "interval": None if estimate.interval is None else list(estimate.interval),
        "p_adjusted": estimate.p_adjusted,
        "verdict": judgement.verdict,
        "direction": estimate.direction,
        "seeds_needed": judgement.seeds_needed,
        "reason": estimate.reason,
    }
    if analysis.scale == "ratio":
        entry["ratio"] = None if estimate.effect is None else ratio(estimate.effect)
        entry["ratio_interval"] = None if estimate.interval is None else [ratio(bound) for bound in estimate.interval]
    return entry


def ratio(effect: float) -> float:
    """Of a difference of logarithms."""
    return math.exp(min(effect, _LARGEST))
