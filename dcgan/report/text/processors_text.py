"""The kinds of processors in the documents: a threat to validity in plain words, the arms over them, report.json."""

from __future__ import annotations

from typing import Any

from dcgan.common.formatting import NONE, count
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.processors import FIELDS, Spread, spread_over_places

_MOST = 3  # kinds and arms that a sentence names; the table has the rest
_NAMED = {
    frozenset({"processors"}): ("on", "kinds of processors"),
    frozenset({"threads"}): ("with", "numbers of threads"),
    frozenset({"versions"}): ("with", "sets of library versions"),
}


def spread_of(analysis: Analysis) -> Spread:
    """How the runs that the analysis compares are spread."""
    results, baseline = analysis.results, analysis.baseline
    pairs = {}
    for comparison in analysis.comparisons:
        seeds = comparison.arm.scores.keys() & baseline.scores.keys()
        pairs[comparison.arm.arm] = seeds if comparison.look is None else seeds & set(results.seeds[: comparison.look])
    return spread_over_places(results.made, [arm.arm for arm in analysis.arms], baseline.arm, pairs)


def processors_view(spread: Spread, baseline: str) -> dict[str, Any] | None:
    """For the templates; None where all runs were made alike."""
    if not spread.mixed:
        return None
    by_arm = {pairs.arm: pairs for pairs in spread.pairs}
    return {
        "title": _title(spread),
        "words": words(spread, baseline),
        "places": [(f"kind {number}", spread.name(place)) for number, place in enumerate(spread.places, start=1)],
        "whole": _whole(spread),
        "rows": [
            {
                "arm": arm,
                "runs": runs,
                "pairs": by_arm[arm].pairs if arm in by_arm else NONE,
                "across": by_arm[arm].across if arm in by_arm else NONE,
            }
            for arm, runs in spread.runs.items()
        ],
    }


def warnings(spread: Spread, baseline: str) -> list[str]:
    """The banner, for report.json."""
    return [f"{_title(spread)}: {words(spread, baseline)}"] if spread.mixed else []


def words(spread: Spread, baseline: str) -> str:
    """What was mixed, what follows from it, and how many pairs it touches."""
    how, kinds = _NAMED.get(spread.differs_by, ("in", "environments"))
    named = [f"{spread.name(place)} ({count(spread.total(place), 'run')})" for place in spread.places[:_MOST]]
    if len(spread.places) > _MOST:
        named.append(f"{len(spread.places) - _MOST} more")
    text = (
        f"The runs were made {how} {spread.told_apart} {kinds}: {'; '.join(named)}. "
        "One seed gives other last digits with each, and training amplifies them, so that two runs of one seed share "
        f"less than a pair should where they were not made alike. {_touched(spread, baseline)}"
    )
    unclear = sum(pair.unclear for pair in spread.pairs)
    if unclear:
        text += f" Of {count(unclear, 'other pair')} the records do not tell."
    turned = sum(spread.total(place) for place in spread.places if len(place) > 1)
    if turned:
        text += f" {count(turned, 'run')} went on elsewhere than begun, and their pairs are counted with these."
    return text


def _touched(spread: Spread, baseline: str) -> str:
    """`That is so for 3 of 15 pairs with bare: he_init 2 of 5, replay 1 of 5.`"""
    total = sum(pair.pairs for pair in spread.pairs)
    across = sorted((pair for pair in spread.pairs if pair.across), key=lambda pair: -pair.across / pair.pairs)
    if not across:
        unclear = any(pair.unclear for pair in spread.pairs)
        so = "is known to be so" if unclear else "is so: each lies within one kind"
        return f"None of the {count(total, 'pair')} with {baseline} {so}."
    named = ", ".join(f"{pair.arm} {pair.across} of {pair.pairs}" for pair in across[:_MOST])
    if len(across) > _MOST:
        named += f", and some of {count(len(across) - _MOST, 'other arm')}"
    return f"That is so for {sum(pair.across for pair in across)} of {total} pairs with {baseline}: {named}."


def _title(spread: Spread) -> str:
    sorts = " and ".join(sorted(spread.differs_by))
    threat = any(pair.across or pair.unclear for pair in spread.pairs)
    return f"Mixed {sorts}{', a threat to validity' if threat else ''}"


def _whole(spread: Spread) -> str:
    if not spread.whole:
        return "No seed has all its runs on one kind."
    have = "has" if spread.whole == 1 else "have"
    return f"{spread.whole} of {count(spread.seeds, 'seed')} {have} all runs on one kind."


def processors_json(spread: Spread) -> dict[str, Any]:
    """Also where there is only one kind, or none is known (a table from elsewhere).

    A kind with several `environments` is of runs that were begun in the first and went on in the next. `across` pairs
    were made on two kinds; of `unclear` ones the records do not tell.
    """
    names = [spread.name(place) for place in spread.places]
    return {
        "kinds": [
            {
                "name": name,
                "runs": spread.total(place),
                "environments": [dict(zip(FIELDS, kind, strict=True)) for kind in place],
            }
            for name, place in zip(names, spread.places, strict=True)
        ],
        "differ": list(spread.differ),
        "arms": [{"arm": arm, "runs": dict(zip(names, runs, strict=True))} for arm, runs in spread.runs.items()],
        "pairs": [
            {"arm": pair.arm, "pairs": pair.pairs, "across": pair.across, "unclear": pair.unclear}
            for pair in spread.pairs
        ],
        "seeds": {"total": spread.seeds, "on_one_kind": spread.whole},
    }


def processors_table(spread: Spread) -> list[dict[str, Any]]:
    """The lines of tables/processors.csv: empty where all runs were made alike."""
    by_arm = {pairs.arm: pairs for pairs in spread.pairs}
    lines = []
    for arm, runs in spread.runs.items() if spread.mixed else ():
        of = {f"runs on {spread.name(place)}": n for place, n in zip(spread.places, runs, strict=True)}
        pairs = by_arm.get(arm)
        lines.append({"arm": arm, **of, "pairs": pairs and pairs.pairs, "pairs_across": pairs and pairs.across})
    return lines
