"""A study beside its replications: each analysed alone, then what both found of each comparison, side by side."""

from __future__ import annotations

from typing import NamedTuple

from dcgan.report.analysis import Analysis
from dcgan.report.comparisons import Comparison
from dcgan.report.results import Results
from dcgan.statistics.effects import EffectEstimate
from dcgan.statistics.replication import Finding, agreement


class SideBySide(NamedTuple):
    """A comparison as the replication made it, and what both found; `agreement`: empty while that is not over."""

    again_of: Comparison | EffectEstimate
    first: Finding
    again: Finding
    agreement: str


def side_by_side(first: Analysis, again: Analysis) -> list[SideBySide]:
    """The main effects of a design that has such, else every arm against the baseline: both have the same plan."""
    pairs = zip(_compared(first), _compared(again), strict=True)
    findings = [(of, *(Finding(each.estimate, each.judgement) for each in (one, of))) for one, of in pairs]
    return [SideBySide(of, there, here, "" if again.undone else agreement(there, here)) for of, there, here in findings]


def _compared(analysis: Analysis) -> tuple[Comparison, ...] | tuple[EffectEstimate, ...]:
    return analysis.effects.mains if analysis.effects else analysis.comparisons


def open_command(analysis: Analysis) -> str:
    """The command that would settle the open comparison that needs the fewest seeds; empty where there is none."""
    judgements = (each.judgement for each in _compared(analysis))
    needed = [each.seeds_needed for each in judgements if each.verdict == "inconclusive" and each.seeds_needed]
    return more_command(analysis.results, max(2, min(needed))) if needed and not analysis.undone else ""


def more_command(results: Results, seeds: int | str) -> str:
    """`dcgan sweep mine --more 5`, which replicates this study; empty for tables and studies that cannot be."""
    plan = results.plan
    if plan is None or plan.stop is not None or plan.tuning_of is not None or plan.grown is not None:
        return ""
    return f"dcgan sweep {plan.replicates or plan.study} --more {seeds}"
