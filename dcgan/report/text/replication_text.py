"""What the reader is told of replications, and of adding seeds."""

from __future__ import annotations

from typing import Any

from dcgan.common.formatting import NONE, count
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.beside import SideBySide, more_command, side_by_side
from dcgan.comparison.tip_effects import TipEffect
from dcgan.records.replications import number_of
from dcgan.report.text.effects_text import effect_name
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.sentences import LONGER
from dcgan.statistics.replication import Finding, upheld


def replications_view(analysis: Analysis, numbers: Numbers) -> list[dict[str, Any]]:
    """A section for each replication: what the first study found, and beside it what fresh seeds did."""
    return [_section(analysis, again, numbers) for again in analysis.replications]


def _section(analysis: Analysis, again: Analysis, numbers: Numbers) -> dict[str, Any]:
    sides = side_by_side(analysis, again)
    seeds = again.results.seeds
    return {
        "title": f"Replication {number_of(again.results.title)}: seeds {seeds[0]} to {seeds[-1]}",
        "study": again.results.title,
        "seeds": count(len(seeds), "fresh seed"),
        "answer": _answer(again, sides),
        "rows": [
            {
                "name": side_name(side),
                "first": _found(side.first, numbers),
                "first_kind": side.first.judgement.verdict,
                "again": _found(side.again, numbers),
                "kind": side.again.judgement.verdict if side.agreement else NONE,
                "agreement": side.agreement or "not finished",
            }
            for side in sides
        ],
    }


def side_name(side: SideBySide) -> str:
    """The tip, or the effect of a design."""
    return side.of.label if isinstance(side.of, TipEffect) else effect_name(side.of)


def _answer(again: Analysis, sides: list[SideBySide]) -> str:
    if again.undone:
        return f"It is not finished: {again.planned - again.undone} of {again.planned} trials are done."
    same, clear = upheld([(side.first, side.again) for side in sides])
    if not clear:
        return "The first study had no verdict that something helps or hurts."
    return f"Of {count(clear, 'verdict')} that something helps or hurts, {same} came out the same again."


def _found(finding: Finding, numbers: Numbers) -> str:
    estimate = finding.estimate
    return f"{numbers.effect(estimate.effect)} {numbers.effect_interval(estimate.interval)}".strip()


def more_seeds(analysis: Analysis) -> str:
    """How one comes to more seeds without finding too much."""
    if analysis.hardly_trained:
        return f"The baseline has hardly learned, and no number of seeds mends that: {LONGER}."
    if analysis.results.stop is not None:
        return "Seeds were added by a rule set beforehand; more by hand until something turns up finds too much."
    command = more_command(analysis.results, "N")
    if not command:
        return "Choose the number before running: adding seeds until something turns up finds too much."
    return (
        "The number of seeds is set before looking: adding some until something turns up finds too much. Either the "
        "study adds them itself, by a rule in its sweep whose error rate holds over all looks (stop: {when: decided, "
        f"at_most: 30}}); or what is open is replicated: {command} trains all arms on N fresh seeds, which are judged "
        "alone and shown beside these. Nothing is pooled."
    )
