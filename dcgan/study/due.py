"""Which trials of a study are to be done now, as far as its runs tell."""

from __future__ import annotations

from dcgan.study.plan import Plan, Trial


def due(plan: Plan) -> list[Trial]:
    """Every trial, in running order, whether it is done or not."""
    return list(plan.trials)
