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
}
