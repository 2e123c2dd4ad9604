"""The kinds of processors in the documents: a threat to validity in plain words, the arms over them, report.json."""

from __future__ import annotations

from typing import Any

from dcgan.report.analysis import Analysis
from dcgan.report.processors import FIELDS, Spread, spread
from dcgan.report.text.sentences import NONE, count

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
    for each in analysis.comparisons:
        seeds = each.arm.scores.keys() & baseline.scores.keys()
        pairs[each.arm.arm] = seeds if each.look is None else seeds & set(results.seeds[: each.look])
    return spread(results.made, [arm.arm for arm in analysis.arms], baseline.arm, pairs)


def processors_view(found: Spread, baseline: str) -> dict[str, Any] | None:
    """For the templates; None where all runs were made alike."""
    if not found.mixed:
        return None
    told = {each.arm: each for each in found.pairs}
    return {
        "title": _title(found),
        "words": words(found, baseline),
        "places": [(f"kind {number}", found.name(place)) for number, place in enumerate(found.places, start=1)],
        "whole": _whole(found),
        "rows": [
            {
                "arm": arm,
                "runs": runs,
                "pairs": told[arm].pairs if arm in told else NONE,
                "across": told[arm].across if arm in told else NONE,
            }
            for arm, runs in found.runs.items()
        ],
    }


def warnings(found: Spread, baseline: str) -> list[str]:
    """The banner, for report.json."""
    return [f"{_title(found)}: {words(found, baseline)}"] if found.mixed else []


def words(found: Spread, baseline: str) -> str:
    """What was mixed, what follows from it, and how many pairs it touches."""
    how, kinds = _NAMED.get(found.differs_by, ("in", "environments"))
    named = [f"{found.name(place)} ({count(found.total(place), 'run')})" for place in found.places[:_MOST]]
    if len(found.places) > _MOST:
        named.append(f"{len(found.places) - _MOST} more")
    text = (
        f"The runs were made {how} {found.told_apart} {kinds}: {'; '.join(named)}. "
        "One seed gives other last digits with each, and training amplifies them, so that two runs of one seed share "
        f"less than a pair should where they were not made alike. {_touched(found, baseline)}"
    )
    unclear = sum(each.unclear for each in found.pairs)
    if unclear:
        text += f" Of {count(unclear, 'other pair')} the records do not tell."
    turned = sum(found.total(place) for place in found.places if len(place) > 1)
    if turned:
        text += f" {count(turned, 'run')} went on elsewhere than begun, and their pairs are counted with these."
    return text


def _touched(found: Spread, baseline: str) -> str:
    """`That is so for 3 of 15 pairs with bare: he_init 2 of 5, replay 1 of 5.`"""
    total = sum(each.pairs for each in found.pairs)
    across = sorted((each for each in found.pairs if each.across), key=lambda each: -each.across / each.pairs)
    if not across:
        unclear = any(each.unclear for each in found.pairs)
        so = "is known to be so" if unclear else "is so: each lies within one kind"
        return f"None of the {count(total, 'pair')} with {baseline} {so}."
    named = ", ".join(f"{each.arm} {each.across} of {each.pairs}" for each in across[:_MOST])
    if len(across) > _MOST:
        named += f", and some of {count(len(across) - _MOST, 'other arm')}"
    return f"That is so for {sum(each.across for each in across)} of {total} pairs with {baseline}: {named}."


def _title(found: Spread) -> str:
    sorts = " and ".join(sorted(found.differs_by))
    threat = any(each.across or each.unclear for each in found.pairs)
    return f"Mixed {sorts}{', a threat to validity' if threat else ''}"


def _whole(found: Spread) -> str:
    if not found.whole:
        return "No seed has all its runs on one kind."
    return (
        f"{found.whole} of {count(found.seeds, 'seed')} {'has' if found.whole == 1 else 'have'} all runs on one kind."
    )


def processors_json(found: Spread) -> dict[str, Any]:
    """Also where there is only one kind, or none is known (a table from elsewhere).

    A kind with several `environments` is of runs that were begun in the first and went on in the next. `across` pairs
    were made on two kinds; of `unclear` ones the records do not tell.
    """
    names = [found.name(place) for place in found.places]
    return {
        "kinds": [
            {
                "name": name,
                "runs": found.total(place),
                "environments": [dict(zip(FIELDS, kind, strict=True)) for kind in place],
            }
            for name, place in zip(names, found.places, strict=True)
        ],
        "differ": list(found.differ),
        "arms": [{"arm": arm, "runs": dict(zip(names, runs, strict=True))} for arm, runs in found.runs.items()],
        "pairs": [
            {"arm": each.arm, "pairs": each.pairs, "across": each.across, "unclear": each.unclear}
            for each in found.pairs
        ],
        "seeds": {"total": found.seeds, "on_one_kind": found.whole},
    }


def processors_table(found: Spread) -> list[dict[str, Any]]:
    """The lines of tables/processors.csv: empty where all runs were made alike."""
    told = {each.arm: each for each in found.pairs}
    lines = []
    for arm, runs in found.runs.items() if found.mixed else ():
        of = {f"runs on {found.name(place)}": n for place, n in zip(found.places, runs, strict=True)}
        pairs = told.get(arm)
        lines.append({"arm": arm, **of, "pairs": pairs and pairs.pairs, "pairs_across": pairs and pairs.across})
    return lines
