"""The scores there are and which way each is better: one table for studies and reports. And what a column is of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Goal = Literal["minimize", "maximize"]
Scale = Literal["ratio", "difference"]
SCALES: tuple[Scale, ...] = get_args(Scale)

GOALS: dict[str, Goal] = {
    "fid": "minimize",
    "isc": "maximize",
    "kid": "minimize",
    "precision": "maximize",
    "recall": "maximize",
    "density": "maximize",
    "coverage": "maximize",
    "modes": "maximize",
    "modes_kl": "minimize",
    "class_distance": "minimize",
    "fid_infinity": "minimize",
}

# Distances that are above 0, whose spread grows with their level: their effects multiply. All others may be 0 or
# negative, or are shares: they are compared by differences, and so is a table's metric that is not known here.
_RATIO = ("fid", "class_distance")

_SIGNED = ("kid", "fid_infinity")  # estimates that come out below 0 where the true value is near it

# What is told of a generator beside its scores, and how sure a score is. Nothing is ranked by these.
DIAGNOSTICS = ("memorisation", "fid_floor", "fid_sd", "fid_infinity_error")

CORE_METRICS = ("fid", "isc", "kid", "precision", "recall")  # taken along the training, too
ALONG = (*CORE_METRICS, "fid_floor")  # the columns of scores.csv: a curve each

# Words after the name of a score that make something else of it: its spread, what it cost. Nothing is ranked by these.
_BESIDE = ("sd", "error", "floor", "seconds", "bits")


def score_of(column: str) -> str | None:
    """The score that a column has: the longest name of one that it is or begins with, up to a `_` (`fid`,
    `fid_test_10k`). None if there is none, and for what only stands beside a score."""
    return None if stands_beside(column) else _begins_with(column, GOALS)


def usual_scale(metric: str) -> Scale:
    """The scale on which a metric's arms are compared unless told, by the score that it is named after (`fid_test`)."""
    return "ratio" if score_of(metric) in _RATIO else "difference"


def lowest(metric: str) -> float | None:
    """What no value of a metric can be below: 0 for scores that no estimate takes below it; None where not known."""
    score = score_of(metric)
    return None if score is None or score in _SIGNED else 0.0


def within(interval: tuple[float, float], metric: str) -> tuple[float, float]:
    """An interval without the values that the metric cannot have."""
    least = lowest(metric)
    return interval if least is None else (max(interval[0], least), max(interval[1], least))


def stands_beside(column: str) -> bool:
    """Whether a column tells of a generator or a score and is none itself: a diagnostic, `kid_sd`, `fid_seconds`."""
    known = _begins_with(column, GOALS)
    words = column.lower().removeprefix(known or "").split("_")[1:]
    return is_diagnostic(column) or (known is not None and any(word in _BESIDE for word in (*words[:1], *words[-1:])))


def is_diagnostic(column: str) -> bool:
    """Whether a column is one of the diagnostics, of whatever protocol: `fid_floor`, `fid_floor_test_10k`."""
    return _begins_with(column, DIAGNOSTICS) is not None


def _begins_with(column: str, names: Iterable[str]) -> str | None:
    """The longest of the names that a column is, or begins with up to a `_`."""
    fitting = [name for name in names if f"{column.lower()}_".startswith(f"{name}_")]
    return max(fitting, key=len, default=None)
