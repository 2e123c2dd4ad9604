"""The scores there are and which way each is better: one table for studies and reports."""

from __future__ import annotations

from typing import Literal

Goal = Literal["minimize", "maximize"]

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

# What is told of a generator beside its scores, and how sure a score is. Nothing is ranked by these.
DIAGNOSTICS = ("memorisation", "fid_floor", "fid_sd", "fid_infinity_error")

CORE_METRICS = ("fid", "isc", "kid", "precision", "recall")  # taken along the training, too
