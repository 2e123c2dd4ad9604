"""The scores there are and which way each is better: one table for studies and reports."""

from __future__ import annotations

from typing import Literal

Goal = Literal["minimize", "maximize"]
Scale = Literal["ratio", "difference"]

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

# What is told of a generator beside its scores, and how sure a score is. Nothing is ranked by these.
DIAGNOSTICS = ("memorisation", "fid_floor", "fid_sd", "fid_infinity_error")

CORE_METRICS = ("fid", "isc", "kid", "precision", "recall")  # taken along the training, too


def usual_scale(metric: str) -> Scale:
    """The scale on which a metric's arms are compared unless told, by its name up to what a table adds (`fid_test`)."""
    name = metric.lower()
    known = name if name in GOALS else name.split("_")[0]
    return "ratio" if known in _RATIO else "difference"
