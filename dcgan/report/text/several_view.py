"""Several studies as the documents show them: every number already written, one structure for HTML and Markdown."""

from __future__ import annotations

import math
from typing import Any

from dcgan.common.formatting import NONE, listed, p_value
from dcgan.comparison.several import Several
from dcgan.comparison.tips_across import Consensus, StudyEffect, TipAcross
from dcgan.report.text.document_view import ReportCommand
from dcgan.report.text.effects_text import headline
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.several_text import (
    across,
    agreement,
    glossary,
    images_a_run,
    pooling_words,
    several_headline,
    several_noun,
    several_warnings,
    unfinished,
)
from dcgan.report.text.tips_view import kind
from dcgan.statistics.meta_analysis import PooledEffect

# In the order of the page: what is most needed first. Each with its heading and its style.
_GROUPS: dict[Consensus, tuple[str, str]] = {
    "disagree": ("Disagree", "disagree"),
    "helps in all": ("Help in all", "helps"),
    "hurts in all": ("Hurt in all", "hurts"),
    "helps in some": ("Help in some", "helps"),
    "hurts in some": ("Hurt in some", "hurts"),
    "no effect in all": ("No effect in all", "no-effect"),
    "open": ("Open", "inconclusive"),
    "one study": ("In one study only", "inconclusive"),
}


def several_view(several: Several, title: str, words: list[str], command: ReportCommand) -> dict[str, Any]:
    """What the templates are given. `words`: the sources as `dcgan report` takes them."""
    first = several.first
    numbers = {name: Numbers.of(analysis) for name, analysis in several.analyses.items()}
    write = next(iter(numbers.values()))
    return {
        "title": title,
        "page_title": f"{title}: {metric_label(first.metric)} side by side",
        "headline": several_headline(several),
        "banners": [tuple(each.split(": ", 1)) for each in several_warnings(several)],
        "groups": _groups(several, numbers),
        "facts": _facts(several),
        "partial": unfinished(several),
        "live": False,
        "noun": several_noun(several),
        "metric": metric_label(first.metric),
        "scale": first.scale,
        "names": list(several.analyses),
        "rows": [_row(several, tip, numbers) for tip in several.tips],
        "pooled": [_pooled(tip, tip.pooled, write) for tip in several.tips if tip.pooled],
        "unpooled": [(tip.label, tip.unpooled) for tip in several.tips if tip.unpooled and not several.unpooled],
        "pooling": pooling_words(several),
        "predicted": any(tip.pooled and tip.pooled.prediction for tip in several.tips),
        "studies": [_study(several, name) for name in several.analyses],
        "glossary": glossary(several, _margin(several, write)),
        "commands": [command.after(" ".join(["dcgan report", *words]))],
    }


def _groups(several: Several, numbers: dict[str, Numbers]) -> list[dict[str, Any]]:
    """The tips by what the studies come to, those on which they disagree first."""
    found = []
    for consensus, (name, style) in _GROUPS.items():
        tips = [tip for tip in several.tips if tip.consensus == consensus]
        if tips:
            found.append(
                {
                    "name": name,
                    "kind": style,
                    "tips": [(tip.label, _beside(tip, numbers)) for tip in tips],
                    "sentences": [across(several, tip, numbers) for tip in tips],
                }
            )
    return found


def _beside(tip: TipAcross, numbers: dict[str, Numbers]) -> str:
    """The effects of a tip for the first screen: where studies disagree each, else the pooled one."""
    if tip.consensus == "disagree" or tip.pooled is None:
        return ", ".join(numbers[name].effect(effect.estimate.effect) for name, effect in tip.effects.items())
    return next(iter(numbers.values())).effect(tip.pooled.effect)


def _facts(several: Several) -> list[str]:
    first = several.first
    data = list(dict.fromkeys(_data(several, name) for name in several.analyses))
    return [
        f"{metric_label(first.metric)}, {'lower' if first.goal == 'minimize' else 'higher'} is better",
        f"{len(several.analyses)} studies",
        *([f"data: {listed(data)}"] if NONE not in data else []),
        "compared by ratios" if first.scale == "ratio" else "compared by differences",
    ]


def _data(several: Several, name: str) -> str:
    results = several.analyses[name].results
    return (results.setup.data if results.setup else "") or str(results.protocol.get("data", NONE))


def _row(several: Several, tip: TipAcross, numbers: dict[str, Numbers]) -> dict[str, Any]:
    words, side = agreement(several, tip)
    return {
        "tip": tip.label,
        "change": f"{tip.key.instead} to {tip.key.level}" if tip.key.level else "against the baseline",
        "cells": [_cell(name, tip.effects.get(name), numbers[name]) for name in several.analyses],
        "agreement": words,
        "side": side,
        "kind": _GROUPS[tip.consensus][1],
    }


def _cell(name: str, effect: StudyEffect | None, numbers: Numbers) -> dict[str, str]:
    if effect is None:
        return {"study": name, "effect": NONE, "interval": "", "verdict": "", "kind": "", "reason": ""}
    estimate = effect.estimate
    return {
        "study": name,
        "effect": numbers.effect(estimate.effect),
        "interval": numbers.effect_interval(estimate.interval),
        "verdict": effect.verdict,
        "kind": kind(effect.verdict),
        "reason": estimate.reason or ("no pair of runs" if estimate.effect is None else ""),
    }


def _pooled(tip: TipAcross, pooled: PooledEffect, numbers: Numbers) -> dict[str, str]:
    return {
        "tip": tip.label,
        "studies": str(pooled.studies),
        "effect": numbers.effect(pooled.effect),
        "interval": numbers.effect_interval(pooled.interval),
        "p_adjusted": p_value(tip.p_adjusted),
        "verdict": str(tip.verdict),
        "kind": kind(str(tip.verdict)),
        "i2": f"{100 * pooled.i2:.0f} %",
        "q_p": p_value(pooled.q_p),
        "tau": f"×{math.exp(pooled.tau):.2f}" if numbers.scale == "ratio" else numbers.plain(pooled.tau),  # noqa: RUF001
        "prediction": numbers.effect_interval(pooled.prediction) or NONE,
    }


def _margin(several: Several, numbers: Numbers) -> str:
    if several.margin is None:
        return ""
    return numbers.effect(several.margin).removeprefix("+")


def _study(several: Several, name: str) -> dict[str, str]:
    analysis = several.analyses[name]
    results = analysis.results
    design = ", ".join(part for part in (results.design, results.start and f"start: {results.start}") if part)
    return {
        "name": name,
        "data": _data(several, name),
        "baseline": analysis.baseline.arm,
        "design": design or NONE,
        "seeds": str(analysis.seeds),
        "images": images_a_run(analysis) or NONE,
        "trials": f"{analysis.planned - analysis.undone} of {analysis.planned}",
        "scored": str(results.scored or NONE),
        "headline": headline(analysis),
    }
