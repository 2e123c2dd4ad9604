"""The noise floor of the metric that a report compares, as the reader is told of it."""

from __future__ import annotations

from dcgan.comparison.results import Results
from dcgan.report.text.numbers import metric_label


def floor_note(results: Results, metric: str) -> str:
    """What as many real images score by this metric; empty where it is not known."""
    column = results.floor_column(metric)
    if column is None:
        return ""
    floors = results.table.loc[results.table["status"] == "finished", column].astype(float).dropna()
    if floors.empty:
        return ""
    text = " to ".join(_written(each) for each in sorted({floors.min(), floors.max()}))
    return f"As many other real images score {metric_label(metric)} {text}: the noise floor of these scores."


def _written(floor: float) -> str:
    return f"{floor:.2f}" if floor >= 0.1 else f"{floor:.2g}"
