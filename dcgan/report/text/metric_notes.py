"""What the reader is told of the metric that a report compares: that it was not the planned one, its noise floor."""

from __future__ import annotations

from dataclasses import replace

from dcgan.common.metrics import score_of
from dcgan.report.analysis import Analysis
from dcgan.report.results import Results
from dcgan.report.text.numbers import metric_label


def with_metric_notes(analysis: Analysis) -> Analysis:
    """The analysis with what is to be said of its metric in front of the other notes."""
    results, metric = analysis.results, analysis.metric
    notes = [note for note in (_unplanned(results, metric), _floor(results, metric)) if note]
    return replace(analysis, results=replace(results, notes=(*notes, *results.notes)))


def _unplanned(results: Results, metric: str) -> str:
    """That a study was to be judged by another metric; nothing was planned for a table."""
    if results.metric in (None, metric):
        return ""
    return (
        f"Not the planned metric: {results.title} was planned to be judged by {metric_label(results.metric)}, and this "
        f"report compares {metric_label(metric)}. Among several metrics one shows an effect by chance more often than "
        f"one alone: the report by {metric_label(results.metric)} is the study's answer."
    )


def _floor(results: Results, metric: str) -> str:
    """What real images score by this metric, from the column beside it: `fid_floor`, `fid_floor_test_10k`."""
    score = score_of(metric) or metric
    beside = (f"{metric}_floor", f"{score}_floor{metric[len(score) :]}")
    column = next((name for name in beside if name in results.table), None)
    if column is None:
        return ""
    floors = results.table.loc[results.table["status"] == "finished", column].astype(float).dropna()
    if floors.empty:
        return ""
    text = " to ".join(_written(each) for each in sorted({floors.min(), floors.max()}))
    return f"As many other real images score {metric_label(metric)} {text}: the noise floor of these scores."


def _written(floor: float) -> str:
    return f"{floor:.2f}" if floor >= 0.1 else f"{floor:.2g}"
