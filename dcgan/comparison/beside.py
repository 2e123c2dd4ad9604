"""A study beside its replications: each analysed alone, then what both found of each tip, side by side."""

from __future__ import annotations

from typing import NamedTuple

from dcgan.comparison.analysis import Analysis
from dcgan.comparison.results import Results
from dcgan.comparison.tip_effects import TipEffect
from dcgan.statistics.effects import EffectEstimate
from dcgan.statistics.replication import Finding, agreement

Compared = TipEffect | EffectEstimate


class SideBySide(NamedTuple):
    """A tip as the replication has it, and what both found; `agreement`: empty while the replication is not over."""

    of: Compared
    first: Finding
    again: Finding
    agreement: str


def side_by_side(first: Analysis, again: Analysis) -> list[SideBySide]:
    """The main effects of a design that has such, else every tip, in the order of the first study: both have one
    plan."""
    fresh = _compared(again)
    sides = []
    for name, of in _compared(first).items():
        there, here = (Finding(each.estimate, each.judgement) for each in (of, fresh[name]))
        sides.append(SideBySide(fresh[name], there, here, "" if again.undone else agreement(there, here)))
    return sides


def _compared(analysis: Analysis) -> dict[object, Compared]:
    """By what both studies call it."""
    if analysis.effects:
        return {each.effect: each for each in analysis.effects.mains}
    return {tip.arm: tip for tip in analysis.tips}


def open_command(analysis: Analysis) -> str:
    """The command that would settle the open comparison that needs the fewest seeds; empty where there is none, and
    where the baseline has hardly learned, which more seeds do not mend."""
    if analysis.hardly_trained:
        return ""
    judgements = (each.judgement for each in _compared(analysis).values())
    needed = [each.seeds_needed for each in judgements if each.verdict == "inconclusive" and each.seeds_needed]
    return more_command(analysis.results, max(2, min(needed))) if needed and not analysis.undone else ""


def more_command(results: Results, seeds: int | str) -> str:
    """`dcgan sweep mine --more 5`, which replicates this study; empty for tables and studies that cannot be."""
    plan = results.plan
    if plan is None or plan.stop is not None or plan.tuning_of is not None or plan.grown is not None:
        return ""
    return f"dcgan sweep {plan.replicates or plan.study} --more {seeds}"
