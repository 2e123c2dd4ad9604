"""The answer of a search: what it found, whether fresh seeds confirm it, and the recipe to train."""

from __future__ import annotations

from typing import Any

from dcgan.common.formatting import count
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.tip_effects import TipEffect
from dcgan.report.text.numbers import Numbers, metric_label


def search_view(analysis: Analysis, numbers: Numbers) -> dict[str, Any] | None:
    """The section for the templates and report.json; None where no search was made.

    `lines` are the answer, `winner` is the arm that it names, `levels` what that changes, and `recipe` its experiment,
    from the folder that holds studies/; None and empty where there is no winner.
    """
    record = analysis.results.search
    if record is None:
        return None
    best = _best(analysis) if record.chosen else None
    winner = best if best and best.verdict == "helps" else None
    recipe = record.recipe(winner.arm) if winner else ""
    path = f"studies/{analysis.results.title}/{recipe}" if recipe else ""
    return {
        "study": record.study,
        "lines": [record.answer(), *([_told(analysis, best, numbers)] if best else [])],
        "winner": winner.arm if winner else None,
        "levels": dict(record.chosen[winner.arm]) if winner else {},
        "recipe": path,
        "train": f"dcgan train {path}" if path else "",
    }


def _best(analysis: Analysis) -> TipEffect | None:
    """The combination with the most helpful difference on fresh seeds, a confirmed one before others."""
    chosen = analysis.results.search.chosen if analysis.results.search else {}
    found = [tip for tip in analysis.tips if tip.arm in chosen and tip.estimate.effect is not None]
    return next((tip for tip in found if tip.verdict == "helps"), found[0] if found else None)


def _told(analysis: Analysis, best: TipEffect, numbers: Numbers) -> str:
    estimate, metric = best.estimate, metric_label(analysis.metric)
    size = f"{metric} {numbers.effect(estimate.effect)} {numbers.effect_interval(estimate.interval)}".strip()
    seeds = count(estimate.pairs, "fresh seed")
    if best.verdict == "helps":
        return f"The winner is {best.arm}: {size} against the baseline on {seeds}."
    return f"None was shown to be better on {seeds}. The best of them there was {best.arm}: {size}, {best.verdict}."
