"""Studies that stop when decided: their looks followed through a table of runs, and what the reader is told of them."""

from __future__ import annotations

from dcgan.common.errors import DcganError
from dcgan.common.metrics import Scale
from dcgan.comparison.results import UNFINISHED, Results
from dcgan.statistics.sequential.boundaries import SPENDING
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, Looks, Scores, StoppingRules, follow


def course(results: Results, scores: Scores, baseline: str, rules: StoppingRules) -> InterimAnalysis | None:
    """How the comparisons with that baseline went, look by look; None for a study with a fixed number of seeds.

    For another metric, baseline, level or margin than the study's own, too: the error rate holds over all looks,
    whatever made a comparison stop. Raises DcganError before the first look.
    """
    if results.stop is None:
        return None
    cells = {status: set[tuple[str, int]]() for status in results.table["status"].unique()}
    for arm, seed, status in zip(results.table["arm"], results.table["seed"], results.table["status"], strict=True):
        cells[status].add((arm, int(seed)))
    ended = set().union(*(of for status, of in cells.items() if status not in (*UNFINISHED, "failed", "skipped")))
    analysis = follow(
        results.stop,
        results.seeds,
        scores,
        ended,
        rules,
        baseline=baseline,
        arms=[arm for arm in results.arms if arm != baseline],
        skipped=cells.get("skipped", ()),
    )
    if not analysis.seeds:
        raise DcganError(
            f"{results.title} stops when decided, and its first look, after {results.stop.first} seeds, is not "
            f"complete yet: dcgan status {results.title} shows how far it is"
        )
    return analysis


def words(looks: Looks, scale: Scale) -> str:
    """The rule and the method, for the reader of a report."""
    then = "" if looks.first == looks.at_most else f", then after every {_blocks(looks.every)} up to {looks.at_most}"
    return (
        f"This study adds seeds until comparisons are decided: they were looked at after {looks.first} seeds{then}, "
        f"and only open ones got further seeds. What is still open after {looks.at_most} seeds stays inconclusive. "
        f"p is the sequential p-value of the paired t test{' of logarithms' if scale == 'ratio' else ''}: error spent "
        f"with power {SPENDING:g} of the share of the planned seeds (Lan & DeMets 1983, Kim & DeMets 1987) along the "
        "exact null distribution of successive t statistics; adjusted by Holm's procedure over the comparisons, it "
        "holds over all looks and comparisons together. Intervals are repeated confidence intervals (Jennison & "
        "Turnbull 1989): each holds over all looks of its comparison. A decided comparison speaks of the seeds it was "
        "decided with."
    )


def _blocks(every: int) -> str:
    return "seed" if every == 1 else f"{every} seeds"
